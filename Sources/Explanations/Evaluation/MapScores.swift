import Foundation
import Telemetry

/// How good a map is, by what the network itself says.
package struct MapScores: Sendable {
  /// The area under the class's probability while the hottest pixels are removed first; less is better (Petsiuk et al.
  /// 2018, section 3.3).
  package var deletion = 0.0
  /// The same while they are added to a blurred picture; more is better.
  package var insertion = 0.0
  /// The share of the probability that is lost when only what the map shows is left, in percent; less is better
  /// (Chattopadhay et al. 2018, equation 20).
  package var drop = 0.0
}

extension Explainer {
  /// Measures the latest map: `explain` must have come right before.
  /// - Parameter steps: how many runs each curve takes.
  package func scores(steps: Int = 50) throws -> MapScores {
    guard case .classes(_, nil) = choice else {
      throw UserError("--evaluate follows the probability of a class; name a class as --target.", .usage)
    }
    let input = run.network.inputExtent
    let curve = PixelCurve(run, order: pixelOrder(), steps: steps)
    var scores = MapScores()
    defer { run.restoreInput() }
    scores.deletion = try curve.area(from: run.picture, to: nil)
    let blurred = FloatBuffer(input.channels * input.height * input.width)
    PatchFill.blur.paint(blurred, input, from: run.picture, patch: max(2, min(input.height, input.width) / 20), seed: 1)
    scores.insertion = try curve.area(from: blurred, to: run.picture)
    scores.drop = try drop()
    return scores
  }

  /// The map in the input's size.
  private func enlarged() -> [Float] {
    let input = run.network.inputExtent
    var values = [Float](repeating: 0, count: input.height * input.width)
    let resizer = BilinearResize(
      height: map.height, width: map.width, toHeight: input.height, toWidth: input.width)
    values.withUnsafeMutableBufferPointer { buffer in
      if let source = map.values.baseAddress, let target = buffer.baseAddress { resizer.resize(source, into: target) }
    }
    return values
  }

  /// Pixels, the hottest first; equal ones in their order.
  private func pixelOrder() -> [Int] {
    let values = enlarged()
    return values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
  }

  private func drop() throws -> Double {
    let values = enlarged()
    let high = values.max() ?? 0
    let low = method.isSigned ? 0 : values.min() ?? 0
    run.restoreInput()
    try run.forward()
    let whole = Double(run.probability)
    for i in run.input.indices {
      let share = high > low ? min(max((values[i % values.count] - low) / (high - low), 0), 1) : 0
      run.input[i] = run.picture[i] * share
    }
    try run.forward()
    return whole > 0 ? max(0, whole - Double(run.probability)) / whole * 100 : 0
  }
}

/// The class's probability while pixels are replaced, in a given order.
private final class PixelCurve {
  private let run: NetworkRun
  private let order: [Int]
  private let steps: Int

  init(_ run: NetworkRun, order: [Int], steps: Int) { (self.run, self.order, self.steps) = (run, order, steps) }

  /// The area under the curve by the trapezoidal rule, from one picture to another; nil is the mean colour.
  func area(from start: FloatBuffer, to end: FloatBuffer?) throws -> Double {
    let planes = run.network.inputExtent.channels
    for i in run.input.indices { run.input[i] = start[i] }
    try run.forward()
    var (area, before, done) = (0.0, Double(run.probability), 0)
    for step in 1...steps {
      let next = order.count * step / steps
      for index in done..<next {
        for plane in 0..<planes {
          let place = plane * order.count + order[index]
          run.input[place] = end.map { $0[place] } ?? 0
        }
      }
      done = next
      try run.forward()
      let now = Double(run.probability)
      area += (before + now) / 2 / Double(steps)
      before = now
    }
    return area
  }
}
