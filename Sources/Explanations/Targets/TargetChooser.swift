import Telemetry

/// Says for each picture what its target is.
struct TargetChooser {
  /// The ONNX name of the value that the target is a part of.
  let value: String
  private let target: Target
  private let layout: LayerLayout
  private var hysteresis: TargetHysteresis

  /// Throws for a target that the network does not have.
  init(_ target: Target, in network: ExplainedNetwork, holding: Int = 0) throws {
    self.target = target
    value = target.layer ?? network.scores
    hysteresis = TargetHysteresis(frames: holding)
    guard let layout = network.layout(of: value) else {
      let known = network.graph.values.lazy.filter { $0.type != nil && $0.constant == nil }.map(\.name)
      throw UserError("the model has no layer '\(value)'\(suggestion(for: value, among: known)).", .usage)
    }
    self.layout = layout
    try check(network)
  }

  private func check(_ network: ExplainedNetwork) throws {
    switch target {
    case .score(let choice, let other):
      for case .index(let index)? in [choice, other] where index >= network.classes {
        throw UserError("there is no class \(index): the model has classes 0 to \(network.classes - 1).", .usage)
      }
    case .channel(_, let channel), .unit(_, let channel, _):
      guard channel < extent.channels else {
        throw UserError(
          "layer '\(value)' has no channel \(channel): it has channels 0 to \(extent.channels - 1).", .usage)
      }
      if case .channel = target, layout.places(ofChannel: channel) == nil {
        throw UserError(
          "the values of a channel of '\(value)' do not lie evenly; name a unit, as in unit:\(value):\(channel).",
          .usage)
      }
      if case .unit(_, _, let position?) = target, position.y >= extent.height || position.x >= extent.width {
        throw UserError(
          "layer '\(value)' has no position \(position.y):\(position.x): it has \(extent.height) rows and "
            + "\(extent.width) columns.", .usage)
      }
    case .norm: break
    }
  }

  /// The target of the picture that these values come from.
  mutating func choose(_ values: UnsafeBufferPointer<Float>) -> TargetChoice {
    switch target {
    case .score(let choice, let other):
      return .classes(index(choice, values), minus: other.map { index($0, values) })
    case .channel(_, let channel):
      guard let places = layout.places(ofChannel: channel) else { return .values(offset: 0, count: 0) }
      return .values(offset: places.first, count: places.count, step: places.step)
    case .unit(_, let channel, let position?):
      return .values(offset: layout.place(channel, position.y, position.x), count: 1)
    case .unit(_, let channel, nil):
      var best = layout.place(channel, 0, 0)
      for y in 0..<extent.height {
        for x in 0..<extent.width {
          let place = layout.place(channel, y, x)
          if values[place] > values[best] { best = place }
        }
      }
      return .values(offset: best, count: 1)
    case .norm: return .norm
    }
  }

  private var extent: SpatialExtent { layout.extent }

  private mutating func index(_ choice: ClassChoice, _ values: UnsafeBufferPointer<Float>) -> Int {
    switch choice {
    case .index(let index): return index
    case .rank(let rank):
      var (first, second) = (0, -1)
      for i in 1..<values.count {
        if values[i] > values[first] {
          (first, second) = (i, first)
        } else if second < 0 || values[i] > values[second] {
          second = i
        }
      }
      return rank == 0 ? hysteresis.hold(first) : second
    }
  }
}

/// Keeps a target while another one takes turns with it.
struct TargetHysteresis {
  /// A new class must come first in so many pictures in a row; 0 and 1: it counts at once.
  let frames: Int
  private var current: Int?
  private var rival = 0
  private var wins = 0

  init(frames: Int) { self.frames = frames }

  /// The class to explain when this one comes first.
  mutating func hold(_ first: Int) -> Int {
    guard let current, frames > 1, first != current else {
      (current, wins) = (first, 0)
      return first
    }
    (rival, wins) = (first, first == rival ? wins + 1 : 1)
    guard wins >= frames else { return current }
    (self.current, wins) = (first, 0)
    return first
  }
}

/// The target of one picture: which classes, or which values of a layer.
package enum TargetChoice: Hashable, Sendable {
  case classes(Int, minus: Int?)
  /// The mean of some values of the layer, `step` apart in memory: a channel, or a single unit.
  case values(offset: Int, count: Int, step: Int = 1)
  case norm
}

extension TargetChoice {
  func score(_ values: UnsafeBufferPointer<Float>) -> Float {
    switch self {
    case .classes(let index, let other): return values[index] - (other.map { values[$0] } ?? 0)
    case .values(let offset, let count, let step):
      var sum: Float = 0
      for i in 0..<count { sum += values[offset + i * step] }
      return sum / Float(count)
    case .norm:
      var sum = 0.0
      for value in values { sum += Double(value) * Double(value) }
      return Float(sum.squareRoot())
    }
  }

  /// The derivative of the target by each of the values.
  func seed(_ seeds: UnsafeMutableBufferPointer<Float>, from values: UnsafeBufferPointer<Float>) {
    seeds.update(repeating: 0)
    switch self {
    case .classes(let index, let other):
      seeds[index] += 1
      if let other { seeds[other] -= 1 }
    case .values(let offset, let count, let step):
      for i in 0..<count { seeds[offset + i * step] = 1 / Float(count) }
    case .norm:
      let norm = score(values)
      guard norm > 0 else { return }
      for i in values.indices { seeds[i] = values[i] / norm }
    }
  }
}
