import Tensors

/// One axis of a resize.
struct ResizedAxis {
  var extent: Int, out: Int
  /// Output elements per input element.
  var scale: Float

  /// True when every element stays where it is.
  var isIdentity: Bool { extent == out && scale == 1 }
}

/// A tensor resampled along any of its axes. Inputs: X, roi (not read), scales, sizes; one of the last two is given. ONNX
/// Resize.
package struct Resize: Operator {
  /// How values between elements are found.
  package enum Mode: String, Sendable, CaseIterable {
    case nearest
    case linear
    /// Cubic convolution (Keys 1981).
    case cubic
  }

  /// What `sizes` means for the aspect ratio.
  package enum SizePolicy: String, Sendable, CaseIterable {
    /// The aspect ratio may change.
    case stretch
    /// The aspect ratio stays; the largest result within the sizes.
    case notLarger = "not_larger"
    /// The aspect ratio stays; the smallest result that covers the sizes.
    case notSmaller = "not_smaller"
  }

  package var kind: LayerKind { .shape }
  package var positionSource: PositionSource { .between }
  package var mode = Mode.nearest
  package var coordinates = CoordinateRule.halfPixel
  package var nearest = NearestRule.roundPreferFloor
  /// The coefficient a of cubic convolution.
  package var cubicCoefficient: Float = -0.75
  /// True: positions outside the input have no weight; false: the edge is repeated.
  package var excludesOutside = false
  /// True: when shrinking, the kernel is stretched to cover all elements.
  package var antialias = false
  package var policy = SizePolicy.stretch
  /// The axes that scales and sizes are for; nil: all.
  package var axes: [Int]?

  package init() {}

  /// The input's type with its extents resampled.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 4)
    let x = try inputs.required(0, "X")
    let shape = x.type.shape
    if mode != .nearest { try x.require([.float32], "X") }
    let named = try normalizedAxes(axes ?? Array(0..<shape.rank), rank: shape.rank)
    let (scales, sizes) = (try numbers(inputs, 2, "scales"), try numbers(inputs, 3, "sizes"))
    guard (scales == nil) != (sizes == nil), let given = scales ?? sizes else {
      throw OperatorError("needs constant scales or sizes, and not both")
    }
    guard given.shape.count == named.count else {
      throw OperatorError("\(given.shape.count) scales or sizes for \(named.count) axes")
    }
    try check(given.view)
    let limit = Float(OperatorLimits.elements)
    let extents = try (0..<shape.rank).map { axis in
      let resized = self.axis(axis, shape, scales?.view, sizes?.view)
      guard resized.scale > 0, resized.scale * Float(resized.extent) <= limit, resized.out <= OperatorLimits.elements
      else { throw OperatorError("axis \(axis) of \(shape) cannot be scaled by \(resized.scale)") }
      return resized.out
    }
    guard shape.count > 0 || extents.contains(0) else { throw OperatorError("\(shape) has nothing to enlarge") }
    return [TensorType(x.type.element, try checkedShape(extents))]
  }

  /// A constant with elements: exporters write the one of scales and sizes that does not apply with none.
  private func numbers(_ inputs: [OperatorInput?], _ index: Int, _ name: String) throws -> Tensor? {
    guard let input = try inputs.optional(index, name), input.type.shape.count > 0 else { return nil }
    try input.require(index == 2 ? [.float32] : [.int64], name)
    guard let constant = input.constant else {
      throw OperatorError("input \(name) depends on the network's input; only constant values are supported")
    }
    return constant
  }

  private func check(_ given: TensorView) throws {
    for i in 0..<given.shape.count {
      let value = given.type == .float32 ? given.floats[i] : Float(given.integer(i))
      guard value > 0, value.isFinite, value <= Float(OperatorLimits.elements) else {
        throw OperatorError("a scale or size of \(value)")
      }
    }
  }

  /// How one axis is resampled.
  private func axis(_ axis: Int, _ shape: Shape, _ scales: TensorView?, _ sizes: TensorView?) -> ResizedAxis {
    let extent = shape.dimensions[axis]
    guard let place = place(of: axis, shape.rank) else { return ResizedAxis(extent: extent, out: extent, scale: 1) }
    if let scales {
      let scale = Float(scales.reals[place])
      let out = scale * Float(extent)
      return ResizedAxis(extent: extent, out: Int(min(out, 2 * Float(OperatorLimits.elements))), scale: scale)
    }
    let size = sizes?.integer(place) ?? extent
    if policy == .stretch || extent == 0 {
      return ResizedAxis(extent: extent, out: size, scale: Float(size) / Float(max(extent, 1)))
    }
    var scale = Float(size) / Float(extent)
    for other in 0..<(sizes?.shape.count ?? 0) {
      let along = axes.map { $0[other] < 0 ? $0[other] + shape.rank : $0[other] } ?? other
      let ratio = Float(sizes?.integer(other) ?? 0) / Float(max(shape.dimensions[along], 1))
      scale = policy == .notLarger ? min(scale, ratio) : max(scale, ratio)
    }
    let out = min((scale * Float(extent) + 0.5).rounded(.down), 2 * Float(OperatorLimits.elements))
    return ResizedAxis(extent: extent, out: Int(out), scale: scale)
  }

  /// Where the scale or size of `axis` stands in its list; nil when it has none.
  private func place(of axis: Int, _ rank: Int) -> Int? {
    guard let axes else { return axis }
    return axes.firstIndex { ($0 < 0 ? $0 + rank : $0) == axis }
  }

  /// Computes every element, one axis after the other. Unlike other operators it needs memory: for what lies between two
  /// axes, and for the weights.
  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0], outputs[0].shape.count > 0 else { return }
    let passes = passes(x.shape, inputs)
    var current = x
    var keeper: Tensor?
    for (number, (axis, geometry)) in passes.enumerated() {
      var shape = current.shape
      shape[axis] = geometry.out
      let next = number == passes.count - 1 ? nil : Tensor(x.type, shape)
      resample(current, next?.view ?? outputs[0], axis, ResizeTaps(geometry, self))
      withExtendedLifetime(keeper) {}
      keeper = next
      current = next?.view ?? outputs[0]
    }
    if passes.isEmpty { copyAll(x, to: outputs[0]) }
  }

  /// The axes that change, in the order in which they are resampled, for an input of this shape.
  func passes(_ shape: Shape, _ inputs: [TensorView?]) -> [(axis: Int, geometry: ResizedAxis)] {
    let (scales, sizes) = (present(inputs, 2), present(inputs, 3))
    let all = (0..<shape.rank).map { (axis: $0, geometry: axis($0, shape, scales, sizes)) }
    // Axes that shrink go first, so that nothing between is larger than both ends.
    let resized = all.filter { !$0.geometry.isIdentity }
    return resized.filter { $0.geometry.out <= $0.geometry.extent }
      + resized.filter { $0.geometry.out > $0.geometry.extent }
  }

  private func present(_ inputs: [TensorView?], _ index: Int) -> TensorView? {
    guard index < inputs.count, let view = inputs[index], view.shape.count > 0 else { return nil }
    return view
  }

  /// out[…, i, …] = Σ weight · x[…, index, …] along `axis`.
  private func resample(_ x: TensorView, _ out: TensorView, _ axis: Int, _ taps: ResizeTaps) {
    var (outer, inner) = (1, 1)
    for i in 0..<axis { outer *= x.shape.dimensions[i] }
    for i in (axis + 1)..<max(x.shape.rank, axis + 1) { inner *= x.shape.dimensions[i] }
    let (extent, wanted) = (x.shape.dimensions[axis], out.shape.dimensions[axis])
    for row in 0..<outer {
      for i in 0..<wanted {
        let (from, to) = (row * extent * inner, (row * wanted + i) * inner)
        if mode == .nearest {
          let size = x.type.size
          let source = x.pointer + (from + taps.indices[i] * inner) * size
          (out.pointer + to * size).copyMemory(from: source, byteCount: inner * size)
        } else {
          if out.type == .float64 {
            combine(x.elements(as: Double.self), from, out.elements(as: Double.self), to, inner, taps, i)
          } else {
            combine(x.floats, from, out.floats, to, inner, taps, i)
          }
        }
      }
    }
  }

  private func combine<T: Real>(
    _ x: UnsafeMutableBufferPointer<T>, _ from: Int, _ out: UnsafeMutableBufferPointer<T>, _ to: Int, _ inner: Int,
    _ taps: ResizeTaps, _ position: Int
  ) {
    for tap in position * taps.count..<(position + 1) * taps.count {
      let (weight, source) = (T(taps.weights[tap]), from + taps.indices[tap] * inner)
      if tap == position * taps.count {
        for j in 0..<inner { out[to + j] = weight * x[source + j] }
      } else if weight != 0 {
        for j in 0..<inner { out[to + j] += weight * x[source + j] }
      }
    }
  }
}
