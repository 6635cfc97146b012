import Tensors

/// The first input with slices replaced, or changed, at the coordinates along the last axis of `indices`. ONNX ScatterND.
///
/// Inputs: data; indices [..., depth] of int64; updates: the slices, of the data's type.
package struct ScatterND: Operator {
  /// What becomes of an element and its update.
  package enum Rule: String, Sendable, CaseIterable {
    case none, add, mul, max, min
  }

  package var kind: LayerKind { .shape }
  package var rule: Rule

  package init(rule: Rule = .none) { self.rule = rule }

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 3)
    let (data, indices) = (try inputs.required(0, "data").type, try inputs.required(1, "indices"))
    let updates = try inputs.required(2, "updates").type
    try indices.require([.int64], "indices")
    let places = indices.type.shape
    guard let depth = places.dimensions.last, depth > 0, depth <= data.shape.rank else {
      throw OperatorError("indices of shape \(places) for data of shape \(data.shape)")
    }
    let wanted = Shape(Array(places.dimensions.dropLast() + data.shape.dimensions[depth...]))
    guard updates == TensorType(data.element, wanted) else {
      throw OperatorError("updates are \(updates) where \(TensorType(data.element, wanted)) is needed")
    }
    if rule != .none, !arithmeticTypes.contains(data.element) {
      throw OperatorError("reduction \(rule.rawValue) of \(data.element) is not supported")
    }
    if let constant = indices.constant {
      for position in 0..<places.count {
        let (index, extent) = (constant.view.integer(position), data.shape[position % depth])
        guard index >= -extent, index < extent else {
          throw OperatorError("index \(index) lies outside an axis of extent \(extent)")
        }
      }
    }
    return [data]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let data = inputs[0], let indices = inputs[1], let updates = inputs[2] else { return }
    let out = outputs[0]
    copyAll(data, to: out)
    guard out.shape.count > 0, indices.shape.count > 0 else { return }
    let depth = indices.shape[-1]
    let strides = AxisList(stridesOf: data.shape)
    let block = strides[depth - 1]
    for tuple in 0..<indices.shape.count / depth {
      var offset = 0
      for axis in 0..<depth {
        let (index, extent) = (indices.integer(tuple * depth + axis), data.shape[axis])
        offset += min(max(index < 0 ? index &+ extent : index, 0), extent - 1) * strides[axis]
      }
      change(out, offset, updates, tuple * block, block)
    }
  }

  private func change(_ out: TensorView, _ to: Int, _ updates: TensorView, _ from: Int, _ count: Int) {
    let size = out.type.size
    guard rule != .none else {
      (out.pointer + to * size).copyMemory(from: updates.pointer + from * size, byteCount: count * size)
      return
    }
    switch out.type {
    case .int32:
      combine(out, to, updates, from, count, Int32.self) {
        $0 &+ $1
      } times: {
        $0 &* $1
      }
    case .int64:
      combine(out, to, updates, from, count, Int64.self) {
        $0 &+ $1
      } times: {
        $0 &* $1
      }
    case .float64:
      combine(out, to, updates, from, count, Double.self) {
        $0 + $1
      } times: {
        $0 * $1
      }
    default:
      combine(out, to, updates, from, count, Float.self) {
        $0 + $1
      } times: {
        $0 * $1
      }
    }
  }

  private func combine<T: Comparable>(
    _ out: TensorView, _ to: Int, _ updates: TensorView, _ from: Int, _ count: Int, _: T.Type, plus: (T, T) -> T,
    times: (T, T) -> T
  ) {
    let (target, source) = (out.elements(as: T.self), updates.elements(as: T.self))
    for i in 0..<count {
      let (old, new) = (target[to + i], source[from + i])
      switch rule {
      case .add: target[to + i] = plus(old, new)
      case .mul: target[to + i] = times(old, new)
      case .max: target[to + i] = max(old, new)
      case .min, .none: target[to + i] = min(old, new)
      }
    }
  }
}

extension ScatterND: Differentiable {
  var relevance: RelevanceRule { .routed }
  func isDifferentiable(input: Int) -> Bool { input != 1 }

  /// What was replaced gets nothing, its update gets it; what was added to gets it as well.
  func addGradients(_ scope: inout GradientScope) throws {
    guard rule == .none || rule == .add else {
      throw InferenceError(scope.node, "there is no gradient through the reduction \(rule.rawValue)")
    }
    let (g, indices) = (scope.gradient(), scope.input(1))
    if scope.wants(0) {
      let zeros = scope.constant(Tensor(.float32, scope.shape(scope.input(2))))
      try scope.give(rule == .add ? g : scope.add(ScatterND(), [g, indices, zeros]), to: 0)
    }
    if scope.wants(2) { try scope.give(scope.add(GatherND(), [g, indices]), to: 2) }
  }
}
