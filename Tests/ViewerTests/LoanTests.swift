import Foundation
import Frames
import Synchronization
import Telemetry
import Testing

@testable import Viewer

/// How many of a driver's buffers are held.
private final class Loans: Sendable {
  let held = Atomic<Int>(0)
  /// Frames given since the driver is gone.
  let dark = Atomic<Int>(0)
}

/// A buffer that belongs to a driver.
private final class Loan {
  private let loans: Loans
  let buffer: PictureBuffer
  init(_ format: FrameFormat, _ loans: Loans) {
    (self.loans, buffer) = (loans, PictureBuffer(format))
    loans.held.add(1, ordering: .relaxed)
  }
  deinit { loans.held.subtract(1, ordering: .relaxed) }
}

/// A source that lends some of a driver's buffers, then is lost: it goes on with dark pictures in its own memory.
private final class LendingSource: FrameSource {
  let format = FrameFormat(pixelFormat: .gray, width: 64, height: 48)
  let info = SourceInfo(name: "lending", isLive: true)
  let counters = SourceCounters()
  var onCompanion: ((any CompanionPacket) throws -> Void)?
  private let loans: Loans
  private let isOver = Atomic<Bool>(false)
  private var next = 0
  private static let lent = 52

  init(_ loans: Loans) { self.loans = loans }
  func interrupt() { isOver.store(true, ordering: .relaxed) }

  func read(into frame: Frame) throws -> Bool {
    guard !isOver.load(ordering: .relaxed) else { return false }
    // Lent faster than the network looks, so that every slot gets some. The last two pictures wait in the first and the last slot.
    let isLost = next >= Self.lent
    // Lost when everything has been looked at.
    if isLost { usleep(next == Self.lent ? 300_000 : 5000) }
    frame.format = format
    if isLost {
      let buffer = PictureBuffer(format)
      (frame.backing, frame.planes) = (buffer, buffer.planes)
      frame.outage = Outage(reason: "it is gone", since: SystemTime().now())
      loans.dark.add(1, ordering: .relaxed)
    } else {
      let loan = Loan(format, loans)
      (frame.backing, frame.planes) = (loan, loan.buffer.planes)
    }
    (frame.sequence, frame.captureTime) = (UInt64(next), SystemTime().now())
    next += 1
    return true
  }
}

/// A camera that was lost gets its old name again only when none of its buffers is held.
@Suite struct LoanTests {
  @Test(arguments: [true, false]) func nothingOfALostCameraIsHeld(isWatched: Bool) throws {
    let loans = Loans()
    try withViewer(LendingSource(loans), { $0.policy.isAlwaysOn = isWatched }) { viewer in
      for _ in 0..<4000 where loans.dark.load(ordering: .relaxed) < 8 { usleep(5000) }
      #expect(loans.dark.load(ordering: .relaxed) >= 8)
      #expect(loans.held.load(ordering: .relaxed) == 0)
    }
  }
}
