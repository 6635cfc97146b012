import Foundation
import Frames
import Telemetry
import TestSupport
import Testing

@testable import Capture

/// What a process of its own holds after many reconnects: other tests, which run beside, must not be counted.
@Suite struct ReconnectLeakTests {
  private static let isAlone = ProcessInfo.processInfo.environment["FOVEA_TEST_ALONE"] == "reconnect"
  private static let sentence = "runs in a process of its own"

  @Test(.enabled(if: !isAlone)) func thousandReconnectsLeaveNoDescriptorThreadOrMemory() throws {
    let result = try runTestsAlone("ReconnectLeakTests", environment: ["FOVEA_TEST_ALONE": "reconnect"])
    #expect(result.status == 0, "\(result.text)\n\(result.errors)")
    let line = result.text.split(separator: "\n").first { $0.hasPrefix("reconnects: ") }
    print(try #require(line, "\(result.text)"))
  }

  /// A clip that ends after three frames, opened and decoded again a thousand times.
  @Test(.enabled(if: isAlone, "\(sentence)")) func reconnecting() throws {
    try TestData.withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("short.mp4").path
      try output(of: [
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=0.1", "-c:v", "libx264",
        "-pix_fmt", "yuv420p", file,
      ])
      Log.level = .error
      var options = SourceOptions()
      options.clock = SteppedTime()
      let source = try SteadySource("short", options: options) { try openSource(SourceAddress(file), options: $0) }
      let frame = Frame(source.format)
      func reconnect(until count: Int) throws -> ProcessUse {
        while source.counters.reconnects < count { #expect(try source.read(into: frame)) }
        return try ProcessUse(of: ProcessInfo.processInfo.processIdentifier)
      }
      let early = try reconnect(until: 200)
      let late = try reconnect(until: 1200)
      print("reconnects: \(early), then after a thousand more \(late)")
      #expect(late.descriptors == early.descriptors && late.threads <= early.threads)
      #expect(late.resident <= early.resident + 4 << 10)
    }
  }
}

/// Time that passes only while the code under test waits.
private final class SteppedTime: TimeSource, @unchecked Sendable {
  // Safety: `moment` is touched under `lock`.
  private let lock = NSLock()
  private var moment = MonotonicTime(nanoseconds: 1_000_000_000)
  func now() -> MonotonicTime { lock.withLock { moment } }
  func sleep(until end: MonotonicTime) { lock.withLock { moment = max(moment, end) } }
}
