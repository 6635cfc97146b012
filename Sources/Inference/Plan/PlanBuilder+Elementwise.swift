import CKernels
import Tensors

extension PlanBuilder {
  /// Activations and other functions of one value, in whatever layout it lies.
  mutating func addUnary(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0],
      let activation = KernelActivation(node, graph)?.function
    else { return false }
    let place = try elementwisePlace(input, output)
    let isa = isa.kernels
    addStep(describe(node, "vector, \(self.isa.rawValue)", place.layout), [place.source, place.target]) { memory in
      let (from, to) = (memory.floats(place.source), memory.floats(place.target))
      return kernelBody(place.extent) { fovea_unary(isa, $0, activation, from, to, $1, $2) }
    }
    return true
  }

  /// Where an element-wise step reads and writes.
  struct ElementwisePlace {
    var source: Buffer
    var target: Buffer
    var extent: fovea_extent
    var layout: TensorLayout
  }

  /// Blocked when the input lies so, else row-major.
  mutating func elementwisePlace(_ input: ValueID, _ output: ValueID) throws -> ElementwisePlace {
    if isBlocked(input), let extent = picture(input), graph.type(of: output) == graph.type(of: input) {
      let source = try blocked(input)
      return ElementwisePlace(
        source: source, target: newBlocked(output, extent), extent: extent.extent(isBlocked: true), layout: .blocked)
    }
    let source = try plain(input)
    let count = Int64(graph.type(of: input).shape.count)
    return ElementwisePlace(
      source: source, target: newPlain(output),
      extent: fovea_extent(batch: 1, channels: 1, pixels: count, blocked: 0), layout: .plain)
  }

  /// Add, Sub, Mul, Div, Min, Max, Pow and PRelu of two values, where a kernel knows how they meet.
  mutating func addBinary(_ node: Node) throws -> Bool {
    let inputs = node.baseInputs
    guard inputs.count == 2, let a = inputs[0], let b = inputs[1], let output = node.outputs[0],
      let kind = Self.binaryKinds[node.baseOperator.name],
      [a, b, output].allSatisfy({ graph.type(of: $0).element == .float32 }), graph.type(of: output).shape.count > 0
    else { return false }
    for (x, other, isSwapped) in [(a, b, false), (b, a, true)] where !(isSwapped && kind == FOVEA_PRELU) {
      guard graph.type(of: x).shape == graph.type(of: output).shape else { continue }
      let meeting = BinaryMeeting(node: node, x: x, other: other, output: output, kind: kind, isSwapped: isSwapped)
      if try addBlockedBinary(meeting) { return true }
      if try addPlainBinary(meeting) { return true }
    }
    return false
  }

  /// Two values, the first of which has the output's shape.
  private struct BinaryMeeting {
    var node: Node
    var x: ValueID
    var other: ValueID
    var output: ValueID
    var kind: fovea_binary_kind
    var isSwapped: Bool
  }

  private static let binaryKinds: [String: fovea_binary_kind] = [
    "Add": FOVEA_ADD, "Sum": FOVEA_ADD, "Sub": FOVEA_SUB, "Mul": FOVEA_MUL, "Div": FOVEA_DIV, "Min": FOVEA_MIN,
    "Max": FOVEA_MAX, "Pow": FOVEA_POW, "PRelu": FOVEA_PRELU,
  ]

  private mutating func addBlockedBinary(_ m: BinaryMeeting) throws -> Bool {
    guard let extent = picture(m.x), isBlocked(m.x) || isBlocked(m.other) else { return false }
    let shape = graph.type(of: m.x).shape
    let otherShape = graph.type(of: m.other).shape
    let (broadcast, otherBuffer): (fovea_broadcast, Buffer)
    if otherShape == shape {
      guard graph.values[m.other].constant == nil else { return false }
      (broadcast, otherBuffer) = (FOVEA_SAME, try blocked(m.other))
    } else if otherShape.count == 1 {
      (broadcast, otherBuffer) = (FOVEA_SCALAR_B, try plain(m.other))
    } else if ChannelAffine.channelConstant(m.other, shape, graph) != nil {
      (broadcast, otherBuffer) = (FOVEA_CHANNEL, paddedConstant(m.other, channels: extent.channels))
    } else if let other = picture(m.other), otherShape.rank == shape.rank, other.spatial == Spatial(1, 1),
      other.batch == extent.batch, other.channels == extent.channels
    {
      (broadcast, otherBuffer) = (FOVEA_CHANNEL_BATCH, try blocked(m.other))
    } else if let other = picture(m.other), otherShape.rank == shape.rank, other.channels == 1,
      other.batch == extent.batch, other.spatial == extent.spatial
    {
      (broadcast, otherBuffer) = (FOVEA_PIXEL, try plain(m.other))
    } else {
      return false
    }
    let source = try blocked(m.x)
    addBinaryStep(
      m, extent.extent(isBlocked: true), broadcast, .blocked, source, otherBuffer, newBlocked(m.output, extent))
    return true
  }

  private mutating func addPlainBinary(_ m: BinaryMeeting) throws -> Bool {
    let shape = graph.type(of: m.x).shape
    let otherShape = graph.type(of: m.other).shape
    let all = fovea_extent(batch: 1, channels: 1, pixels: Int64(shape.count), blocked: 0)
    let (extent, broadcast): (fovea_extent, fovea_broadcast)
    if otherShape == shape {
      (extent, broadcast) = (all, FOVEA_SAME)
    } else if otherShape.count == 1 {
      (extent, broadcast) = (all, FOVEA_SCALAR_B)
    } else if let meeting = Self.stretch(of: otherShape, in: shape) {
      extent = fovea_extent(
        batch: Int64(meeting.outer), channels: Int64(meeting.middle), pixels: Int64(meeting.inner), blocked: 0)
      broadcast = FOVEA_CHANNEL
    } else {
      return false
    }
    let (source, other) = (try plain(m.x), try plain(m.other))
    addBinaryStep(m, extent, broadcast, .plain, source, other, newPlain(m.output))
    return true
  }

  /// The output's axes before, along and after those of `other`, when all its other axes are 1.
  static func stretch(of other: Shape, in shape: Shape) -> (outer: Int, middle: Int, inner: Int)? {
    let missing = shape.rank - other.rank
    guard missing >= 0, let first = other.dimensions.firstIndex(where: { $0 != 1 }),
      let last = other.dimensions.lastIndex(where: { $0 != 1 })
    else { return nil }
    let axes = first + missing...last + missing
    guard Array(shape.dimensions[axes]) == Array(other.dimensions[first...last]) else { return nil }
    return (
      shape.dimensions[..<axes.lowerBound].reduce(1, *), shape.dimensions[axes].reduce(1, *),
      shape.dimensions[(axes.upperBound + 1)...].reduce(1, *)
    )
  }

  private mutating func addBinaryStep(
    _ m: BinaryMeeting, _ extent: fovea_extent, _ broadcast: fovea_broadcast, _ layout: TensorLayout, _ source: Buffer,
    _ other: Buffer, _ target: Buffer
  ) {
    let params = fovea_binary_params(
      extent: extent, kind: m.kind, broadcast: broadcast, swapped: m.isSwapped ? 1 : 0,
      activation: m.node.activation.flatMap { KernelActivation($0) }?.function ?? KernelActivation.none)
    let isa = isa.kernels
    addStep(describe(m.node, "vector, \(self.isa.rawValue)", layout), [source, other, target]) { memory in
      let (x, y, z) = (memory.floats(source), memory.floats(other), memory.floats(target))
      return kernelBody(params) { fovea_binary(isa, $0, x, y, z, $1, $2) }
    }
  }
}
