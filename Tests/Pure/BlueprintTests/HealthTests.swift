import OCI
import StackModel
import Testing

@testable import Engine

@Suite("Health by the results of probes") struct HealthTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private func check(_ service: Healthcheck?, _ image: ImageHealthcheck? = nil) -> EffectiveCheck? { EffectiveCheck(service: service, image: image) }

    @Test("the service's check, the image's, or none; times from whoever says them")
    func effective() {
        #expect(check(nil) == nil)
        #expect(check(Healthcheck(test: .none), ImageHealthcheck(test: ["CMD", "x"])) == nil)
        #expect(check(nil, ImageHealthcheck(test: ["NONE"])) == nil)
        #expect(check(nil, ImageHealthcheck(test: ["CMD-SHELL", "true"]))?.arguments == ["/bin/sh", "-c", "true"])
        #expect(check(Healthcheck(test: .command(["a"])))?.arguments == ["a"])
        var image = ImageHealthcheck(test: ["CMD", "x"])
        image.interval = 7_000_000_000
        image.retries = 9
        let inherited = check(Healthcheck(test: .inherited, timeout: 100), image)
        #expect(inherited?.arguments == ["x"] && inherited?.interval == 7000 && inherited?.timeout == 100 && inherited?.retries == 9)
        let standard = check(Healthcheck(test: .shell("x")))
        #expect(standard?.interval == 30_000 && standard?.timeout == 30_000 && standard?.retries == 3 && standard?.startPeriod == 0)
    }

    @Test("healthy at the first success; unhealthy after so many failures in a row")
    func states() throws {
        let check = try #require(self.check(Healthcheck(test: .command(["x"]), retries: 3)))
        var state = HealthState(check: check, startedAt: start)
        #expect(state.health == .starting)
        for _ in 0..<2 { state.take(ProbeResult(isHealthy: false, output: "no"), at: start + 1000) }
        #expect(state.health == .starting && state.failures == 2)
        state.take(ProbeResult(isHealthy: true, output: "yes"), at: start + 2000)
        #expect(state.report == HealthReport(health: .healthy, output: "yes") && state.failures == 0)
        for _ in 0..<2 { state.take(ProbeResult(isHealthy: false, output: "no"), at: start + 3000) }
        #expect(state.health == .healthy)
        state.take(ProbeResult(isHealthy: false, output: "no"), at: start + 4000)
        #expect(state.health == .unhealthy)
        state.take(ProbeResult(isHealthy: true, output: ""), at: start + 5000)
        #expect(state.health == .healthy)
    }

    @Test("failures within the start period do not count, and probes come faster there")
    func startPeriod() throws {
        let check = try #require(self.check(Healthcheck(test: .command(["x"]), interval: 30_000, retries: 1, startPeriod: 10_000, startInterval: 1000)))
        var state = HealthState(check: check, startedAt: start)
        #expect(state.pause(at: start) == 1000)
        state.take(ProbeResult(isHealthy: false, output: ""), at: start + 9000)
        #expect(state.health == .starting)
        #expect(state.pause(at: start + 11_000) == 30_000)
        state.take(ProbeResult(isHealthy: false, output: ""), at: start + 11_000)
        #expect(state.health == .unhealthy)
    }
}
