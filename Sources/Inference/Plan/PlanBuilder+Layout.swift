import CKernels
import Tensors

extension PlanBuilder {
  /// The extents of a value as pictures, when the blocked kernels can take it: float32 [N, C, H, W] or [N, C, W], nowhere empty.
  func picture(_ value: ValueID?) -> Planar? {
    guard let value else { return nil }
    let type = graph.type(of: value)
    guard type.element == .float32, type.shape.rank == 3 || type.shape.rank == 4,
      type.shape.dimensions.allSatisfy({ $0 > 0 }), type.shape.count < Int(Int32.max) / 16
    else { return nil }
    return Planar(type.shape)
  }

  /// True when a value lies blocked already.
  func isBlocked(_ value: ValueID?) -> Bool { value.flatMap { homes[$0]?[.blocked] ?? homes[$0]?[.bfloat16] } != nil }

  /// Where the row-major elements of a value are; converts when it lies blocked only.
  mutating func plain(_ value: ValueID) throws -> Buffer {
    if let home = homes[value]?[.plain] { return home }
    if let constant = graph.values[value].constant {
      let buffer = allocate(byteCount: constant.byteCount, external: constant.storage)
      homes[value, default: [:]][.plain] = buffer
      return buffer
    }
    if homes[value]?[.bfloat16] != nil { _ = try blocked(value) }
    guard let blocked = homes[value]?[.blocked], let extent = picture(value) else {
      throw InferenceError("value '\(graph.values[value].name)' is read before it is computed; the model is damaged")
    }
    if extent.spatial == Spatial(1, 1), extent.batch == 1 || extent.channels % 16 == 0 {
      homes[value]?[.plain] = blocked  // The same bytes.
      return blocked
    }
    let plain = newPlain(value)
    addConversion(value, extent, from: blocked, to: plain, toBlocked: false)
    return plain
  }

  /// Where the blocked elements of a value are; converts when it lies row-major only.
  mutating func blocked(_ value: ValueID) throws -> Buffer {
    if let home = homes[value]?[.blocked] { return home }
    guard let extent = picture(value) else { preconditionFailure("only pictures can be blocked") }
    if let rounded = homes[value]?[.bfloat16] { return addExpansion(value, extent, from: rounded) }
    let plain = try plain(value)
    if extent.spatial == Spatial(1, 1), extent.channels % 16 == 0, places[value] == nil {
      homes[value]?[.blocked] = plain  // The same bytes.
      return plain
    }
    let blocked = newBlocked(value, extent)
    addConversion(value, extent, from: plain, to: blocked, toBlocked: true)
    return blocked
  }

  /// A place for the row-major elements of a value that the next step computes.
  mutating func newPlain(_ value: ValueID) -> Buffer {
    let type = graph.type(of: value)
    let buffer = allocate(byteCount: type.element.size * type.shape.count)
    homes[value, default: [:]][.plain] = buffer
    return buffer
  }

  /// A place for the blocked elements of a value that the next step computes.
  mutating func newBlocked(_ value: ValueID, _ extent: Planar) -> Buffer {
    let buffer = places[value] ?? allocate(byteCount: 4 * extent.blockedCount)
    homes[value, default: [:]][.blocked] = buffer
    return buffer
  }

  private mutating func addConversion(
    _ value: ValueID, _ extent: Planar, from source: Buffer, to target: Buffer, toBlocked: Bool
  ) {
    let params = fovea_layout_params(
      batch: Int32(extent.batch), channels: Int32(extent.channels), pixels: Int64(extent.pixels),
      plain_batch_stride: Int64(extent.channels * extent.pixels),
      blocked_batch_stride: Int64(extent.blockedCount / extent.batch))
    let isa = isa.kernels
    addStep(
      StepDescription(
        name: graph.values[value].name, op: "Layout",
        algorithm: toBlocked ? "row-major to blocked" : "blocked to row-major",
        layout: (toBlocked ? TensorLayout.blocked : .plain).rawValue, outputShape: graph.type(of: value).shape,
        cost: StepCost(copying: 4 * extent.batch * extent.channels * extent.pixels)),
      [source, target]
    ) { memory in
      let (from, to) = (memory.floats(source), memory.floats(target))
      return kernelBody(params) { params, part, parts in
        if toBlocked {
          fovea_to_blocked(isa, params, from, to, part, parts)
        } else {
          fovea_from_blocked(isa, params, from, to, part, parts)
        }
      }
    }
  }

  /// Appends a step that all threads share.
  mutating func addStep(
    _ description: StepDescription, _ buffers: [Buffer?], bind: @escaping (Memory) -> ThreadPool.Body
  ) {
    steps.append(
      PlannedStep(
        description: description, buffers: buffers.compactMap { $0 }, isParallel: true, bind: bind))
  }

  /// A description of the step that computes the node's first output.
  func describe(
    _ node: Node, _ algorithm: String, _ layout: TensorLayout, split: String = "elements"
  ) -> StepDescription {
    StepDescription(
      name: node.name, op: node.op.name, algorithm: algorithm, layout: layout.rawValue,
      outputShape: node.outputs[0].map { graph.type(of: $0).shape } ?? [], split: split,
      cost: StepCost(node, in: graph))
  }
}

extension Planar {
  /// Channels, height and width as the kernels take them.
  var sizes: (Int32, Int32, Int32) { (Int32(channels), Int32(spatial.height), Int32(spatial.width)) }

  var pixels: Int { spatial.height * spatial.width }

  /// Blocks of 16 channels.
  var blocks: Int { (channels + 15) / 16 }

  /// Floats that the blocked layout occupies.
  var blockedCount: Int { batch * blocks * pixels * 16 }

  /// As the element-wise kernels take it.
  func extent(isBlocked: Bool) -> fovea_extent {
    fovea_extent(
      batch: Int64(batch), channels: Int64(channels), pixels: Int64(pixels), blocked: isBlocked ? 1 : 0)
  }
}

extension Spatial {
  /// Height and width as the kernels take them.
  var sizes: (Int32, Int32) { (Int32(height), Int32(width)) }
}
