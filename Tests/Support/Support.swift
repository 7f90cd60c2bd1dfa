// Placeholder until the support code is written.
