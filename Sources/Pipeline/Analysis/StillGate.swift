import Imaging
import Telemetry
import Tensors

/// When a picture counts as the same as the last one that the network saw, so that it need not look again.
package struct StillGate: Sendable, Hashable {
  /// How much a part of the network's input may differ, as a share of the input's range: the largest mean difference of any cell of
  /// `StillPicture.cell` x `StillPicture.cell` pixels.
  package var difference: Double
  /// Seconds after which the network looks in any case.
  package var maxAge: Double

  package init(difference: Double = StillGate.standardDifference, maxAge: Double = 10) {
    (self.difference, self.maxAge) = (difference, maxAge)
  }

  /// Above the noise of a small camera at dusk, below a hand that moves in a corner.
  package static let standardDifference = 0.03
}

/// The network's input of the last picture that it saw.
struct StillPicture {
  /// Side of a cell in pixels of the input: a change of this size is noticed.
  static let cell = 16

  private var values: [Float] = []
  private var seen = MonotonicTime(nanoseconds: 0)
  private var wishes = Wishes(top: 0)
  private var news = 0

  /// Keeps the input, [C, H, W], of a picture that the network sees now.
  mutating func keep(_ input: UnsafeBufferPointer<Float>, _ wishes: Wishes, news: Int, at now: MonotonicTime) {
    if values.count != input.count { values = [Float](repeating: 0, count: input.count) }
    values.withUnsafeMutableBufferPointer { kept in
      if let from = input.baseAddress { kept.baseAddress?.update(from: from, count: input.count) }
    }
    (self.wishes, self.news, seen) = (wishes, news, now)
  }

  /// The picture with this input needs no look: it shows the same, nothing else is wished for, and the last look is not too old.
  func equals(
    _ input: UnsafeBufferPointer<Float>, _ transform: InputTransform, _ wishes: Wishes, news: Int,
    at now: MonotonicTime,
    by gate: StillGate
  ) -> Bool {
    guard values.count == input.count, !values.isEmpty, wishes == self.wishes, news == self.news,
      now.seconds(since: seen) < gate.maxAge
    else { return false }
    return values.withUnsafeBufferPointer { before in
      Self.largestDifference(before, input, transform, enough: Float(gate.difference)) <= Float(gate.difference)
    }
  }

  /// The largest mean difference of any cell of any plane, as a share of the plane's range.
  /// - Parameter enough: above this the search ends.
  static func largestDifference(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ transform: InputTransform, enough: Float
  ) -> Float {
    let (rows, columns) = (transform.height, transform.width)
    guard rows > 0, columns > 0 else { return 0 }
    var largest: Float = 0
    for plane in 0..<a.count / (rows * columns) {
      let deviation = transform.std.indices.contains(plane) ? transform.std[plane] : 1
      // What 0…255 becomes.
      let range = max(255 * transform.scale / deviation, .leastNormalMagnitude)
      for top in stride(from: 0, to: rows, by: cell) {
        for left in stride(from: 0, to: columns, by: cell) {
          let (bottom, right) = (min(top + cell, rows), min(left + cell, columns))
          var sum: Float = 0
          for row in top..<bottom {
            let start = (plane * rows + row) * columns
            sum += difference(a, b, start + left, start + right)
          }
          largest = max(largest, sum / Float((bottom - top) * (right - left)) / range)
        }
        if largest > enough { return largest }
      }
    }
    return largest
  }

  private static func difference(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ from: Int, _ to: Int
  ) -> Float {
    guard to - from == 16, let a = a.baseAddress, let b = b.baseAddress else {
      return (from..<to).reduce(Float(0)) { $0 + abs(a[$1] - b[$1]) }
    }
    let x = UnsafeRawPointer(a + from).loadUnaligned(as: SIMD16<Float>.self)
    let y = UnsafeRawPointer(b + from).loadUnaligned(as: SIMD16<Float>.self)
    let gap = x - y
    return gap.replacing(with: -gap, where: gap .< 0).sum()
  }
}
