import FoundationEssentials
import StackFile
import Testing

@Test func `the schema that editors use is the one the loader checks with`() throws {
    try Project.compare(StackSchema.text, with: Project.root + "/schemas/stack.schema.json")
}

@Test func `the list of attributes in the documentation is true`() throws {
    let path = Project.root + "/docs/compose.md"
    let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    let start = "<!-- attributes: made by `GANTRY_REGENERATE=1 make test` -->\n"
    let end = "<!-- end -->\n"
    let opening = try #require(text.firstRange(of: start))
    let closing = try #require(text.firstRange(of: end))
    let made = text[..<opening.upperBound] + "\n" + AttributeList.text + "\n" + text[closing.lowerBound...]
    try Project.compare(String(made), with: path)
}

@Test func `every attribute of the specification is in the schema`() {
    // The keys of a service in the Compose Specification; one that is missing in the tables would be refused as unknown.
    let service = """
        annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
        cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy
        develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends
        external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging
        mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable
        oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop privileged profiles provider pull_policy
        pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal
        storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir
        """
    let list = AttributeList.text
    for key in service.split(whereSeparator: \.isWhitespace) { #expect(list.contains("| `\(key)` |"), "\(key)") }
    for key in ["version", "name", "include", "services", "networks", "volumes", "secrets", "configs", "models"] {
        #expect(list.contains("| `\(key)` |"), "\(key)")
    }
}
