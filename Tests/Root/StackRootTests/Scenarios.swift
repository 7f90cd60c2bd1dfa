import TestSupport
import Testing

/// Whole stacks, driven through the command line only. One at a time: each measures and breaks things.
@Suite(
    .serialized,
    .enabled(if: Machine.canRunContainers, "needs root and busybox-static"),
    .enabled(if: Programs.areThere, "set GANTRY_BIN to the folder that holds gantry, gantryd and gantry-shim"))
struct Scenarios {}
