import Imaging
import Telemetry
import Tensors
import Testing

@testable import Pipeline

private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

/// When a picture counts as the same as the last one.
@Suite struct StillGateTests {
  private let transform = InputTransform(
    height: 40, width: 50, fit: .crop, resizeTo: nil, color: .rgb, scale: 1 / 255, mean: [0, 0, 0],
    std: [0.5, 0.5, 0.5])
  private let gate = StillGate(difference: 0.03, maxAge: 10)
  private var count: Int { 3 * 40 * 50 }

  private func equals(
    _ still: StillPicture, _ picture: [Float], _ wishes: Wishes = Wishes(), news: Int = 0, at time: Double = 1
  ) -> Bool {
    picture.withUnsafeBufferPointer { still.equals($0, transform, wishes, news: news, at: at(time), by: gate) }
  }

  private func kept(_ picture: [Float], _ wishes: Wishes = Wishes()) -> StillPicture {
    var still = StillPicture()
    picture.withUnsafeBufferPointer { still.keep($0, wishes, news: 0, at: at(0)) }
    return still
  }

  @Test func theFirstPictureIsSeen() {
    #expect(!equals(StillPicture(), [Float](repeating: 0, count: count)))
  }

  @Test func noiseIsNothingNewAndAnObjectIs() {
    let picture = (0..<count).map { Float($0 % 7) / 7 }
    let still = kept(picture)
    #expect(equals(still, picture))
    // Noise of ± 2 % of the range, which is 2 here.
    #expect(equals(still, picture.enumerated().map { $1 + ($0 % 2 == 0 ? 0.04 : -0.04) }))
    // A change in one cell of one plane: the last one, which is cut off at both edges.
    var moved = picture
    for row in 32..<40 { for column in 48..<50 { moved[2 * 2000 + row * 50 + column] += 0.2 } }
    #expect(!equals(still, moved))
  }

  @Test func itLooksAgainWhenItIsOldOrAskedForMore() {
    let picture = [Float](repeating: 0.5, count: count)
    let still = kept(picture)
    #expect(equals(still, picture, at: 9.9) && !equals(still, picture, at: 10))
    #expect(!equals(still, picture, Wishes(top: 9)))
    #expect(!equals(still, picture, news: 1))
  }

  /// Against the plain mean of each cell.
  @Test func theDifferenceIsThatOfTheWorstCell() {
    let a = (0..<count).map { Float(($0 * 7919) % 101) / 101 }
    let b = (0..<count).map { Float(($0 * 104729) % 97) / 97 }
    var worst: Float = 0
    for plane in 0..<3 {
      for top in stride(from: 0, to: 40, by: 16) {
        for left in stride(from: 0, to: 50, by: 16) {
          let cells = (top..<min(top + 16, 40)).flatMap { row in
            (left..<min(left + 16, 50)).map { plane * 2000 + row * 50 + $0 }
          }
          worst = max(worst, cells.reduce(Float(0)) { $0 + abs(a[$1] - b[$1]) } / Float(cells.count) / 2)
        }
      }
    }
    let found = a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { StillPicture.largestDifference(a, $0, transform, enough: 9) }
    }
    #expect(abs(found - worst) < 1e-5)
  }
}
