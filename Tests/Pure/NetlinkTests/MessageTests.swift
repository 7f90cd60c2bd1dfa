import Linux
import Testing

@testable import Netlink

struct MessageTests {
    @Test("a message carries its length, type, flags and sequence, and padded attributes")
    func bytes() {
        var message = MessageBuilder(type: 16, flags: 0x600)
        message.put(UInt32(0xAABB_CCDD))
        message.attribute(3, text: "ab")
        message.attribute(10, number: UInt32(7))
        #expect(
            message.finished(sequence: 9, flags: 4) == [
                36, 0, 0, 0, 16, 0, 5, 6, 9, 0, 0, 0, 0, 0, 0, 0,  // header: flags 0x605
                0xDD, 0xCC, 0xBB, 0xAA,  // fixed part
                7, 0, 3, 0, 0x61, 0x62, 0, 0,  // "ab" with its zero, padded
                8, 0, 10, 0, 7, 0, 0, 0,
            ])
    }

    @Test("nested attributes have the length of all that is in them")
    func nesting() {
        var message = MessageBuilder(type: 1)
        message.nest(18) { info in
            info.attribute(1, text: "veth")
            info.nest(2) { $0.attribute(4, number: UInt8(1)) }
        }
        #expect(
            Array(message.finished(sequence: 0)[16...]) == [
                28, 0, 18, 0, 9, 0, 1, 0, 0x76, 0x65, 0x74, 0x68, 0, 0, 0, 0, 12, 0, 2, 0, 5, 0, 4, 0, 1, 0, 0, 0,
            ])
    }

    @Test("what was built is read back")
    func roundTrip() throws {
        var message = MessageBuilder(type: 16)
        message.put(Int32(-5))
        message.attribute(3, text: "eth0")
        message.nest(18 | 0x8000) { $0.attribute(1, text: "bridge") }
        let two = message.finished(sequence: 1) + message.finished(sequence: 2)
        let read = Message.all(in: two)
        #expect(read.map(\.sequence) == [1, 2])
        let first = try #require(read.first)
        #expect(first.number(at: 0, Int32.self) == -5)
        let attributes = first.attributes(after: 4)
        #expect(attributes.text(3) == "eth0")
        #expect(attributes.nested(18)?.text(1) == "bridge")
        #expect(attributes.number(3, UInt64.self) == nil)
        #expect(attributes[99] == nil)
    }

    @Test("lengths that lie are not followed", arguments: 0..<400)
    func hostile(seed: Int) {
        var message = MessageBuilder(type: 16)
        message.put(UInt64(1))
        message.attribute(3, text: "eth0")
        message.nest(18) { $0.attribute(1, text: "bridge") }
        var bytes = message.finished(sequence: 1)
        // Each byte in turn is 0, 1, 127 or 255; then the message is cut there.
        let place = (seed / 5) % bytes.count
        if seed % 5 == 4 { bytes.removeLast(bytes.count - place) } else { bytes[place] = [0, 1, 127, 255][seed % 5] }
        for message in Message.all(in: bytes) {
            let attributes = message.attributes(after: 8)
            #expect((attributes.text(3)?.utf8.count ?? 0) <= bytes.count * 3)
            #expect((attributes.nested(18)?[1]?.count ?? 0) <= bytes.count)
            #expect(message.number(at: 1000, UInt32.self) == 0)
        }
    }

    @Test("removing is the request of making with another type and no flags")
    func opposite() {
        var (subject, message) = NetlinkSocket.request(Address4(index: 3, address: IPv4(10 << 24 | 1), prefix: 24))
        #expect(subject == "address 10.0.0.1/24")
        message.become(21)
        #expect(Array(message.finished(sequence: 0)[4..<8]) == [21, 0, 1, 0])
        #expect(
            Array(message.finished(sequence: 0)[16...]) == [
                2, 24, 0, 0, 3, 0, 0, 0, 8, 0, 2, 0, 10, 0, 0, 1, 8, 0, 1, 0, 10, 0, 0, 1, 8, 0, 4, 0, 10, 0, 0, 255,
            ])
    }
}
