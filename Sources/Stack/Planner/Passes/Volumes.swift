import StackModel

/// Named volumes that active services use: made when missing. A volume is never replaced or removed here: it holds data.
func planVolumes(_ draft: inout Draft) {
    let used = Set(draft.active.filter { !draft.isStoppedAway($0) }.flatMap { service in service.mounts.compactMap(\.volumeKey) })
    for key in used.sorted() {
        guard let volume = draft.desired.stack.volumes[key], !draft.observed.volumes.contains(volume.name) else { continue }
        if volume.external {
            for service in draft.active where service.mounts.contains(where: { $0.volumeKey == key }) {
                draft.block(
                    service.name, "volume \"\(volume.name)\" is declared as external and does not exist",
                    hint: "make it first, or declare it without `external`")
            }
        } else {
            draft.add("create volume \(volume.name)", .createVolume(name: volume.name, key: key), .missing)
        }
    }
}

extension ServiceMount {
    /// The volume's key in the stack; nil for anonymous ones and other kinds.
    var volumeKey: String? {
        if case .volume(let name, _, _) = source { return name }
        return nil
    }
}
