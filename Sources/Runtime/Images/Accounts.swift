/// Users and groups as the files of an image define them: passwd(5), group(5). Pure.
struct Accounts {
    struct User {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }
    struct Group {
        var name: String
        var gid: UInt32
        var members: [String]
    }
    let users: [User]
    let groups: [Group]

    /// Lines that cannot be read are passed over, as the C library does.
    init(passwd: String, group: String) {
        users = Self.lines(passwd).compactMap { fields in
            guard fields.count >= 6, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
            return User(name: fields[0], uid: uid, gid: gid, home: fields[5])
        }
        groups = Self.lines(group).compactMap { fields in
            guard fields.count >= 3, let gid = UInt32(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map { $0.filter { $0 != " " } } : []
            return Group(name: fields[0], gid: gid, members: members)
        }
    }

    private static func lines(_ text: String) -> [[String]] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// `""`, `name`, `uid`, `name:group`, `uid:gid`: Docker's forms. A group that is given replaces the user's further ones.
    func resolve(_ text: String) throws(ImageError) -> ResolvedUser {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        var user = try find(name)
        if parts.count > 1, !parts[1].isEmpty {
            user.gid = try gid(parts[1])
            user.groups = []
        }
        return user
    }

    private func find(_ name: String) throws(ImageError) -> ResolvedUser {
        if name.isEmpty || name == "root" || name == "0" {
            let root = users.first { $0.uid == 0 }
            return ResolvedUser(uid: 0, gid: root?.gid ?? 0, groups: further("root"), home: root?.home ?? "/root")
        }
        if let user = users.first(where: { $0.name == name }) ?? UInt32(name).flatMap({ uid in users.first { $0.uid == uid } }) {
            return ResolvedUser(uid: user.uid, gid: user.gid, groups: further(user.name), home: user.home.isEmpty ? "/" : user.home)
        }
        guard let uid = UInt32(name), uid < UInt32.max else {
            throw ImageError(.notFound, "the image has no user \"\(name)\" in /etc/passwd", hint: "use a user that it has, or a number")
        }
        return ResolvedUser(uid: uid, gid: 0)
    }

    private func further(_ name: String) -> [UInt32] { groups.filter { $0.members.contains(name) }.map(\.gid) }

    /// A group by name or number.
    func gid(_ name: String) throws(ImageError) -> UInt32 {
        if let group = groups.first(where: { $0.name == name }) { return group.gid }
        guard let gid = UInt32(name), gid < UInt32.max else {
            throw ImageError(.notFound, "the image has no group \"\(name)\" in /etc/group", hint: "use a group that it has, or a number")
        }
        return gid
    }
}
