import Tensors

/// A network that is run again and again on one picture of which a region changes: only what the region changes is computed,
/// layer by layer, until that is everything. Several regions at a time, each on its own.
///
/// `remember` looks at the picture, `run` at changes of it; neither allocates.
package final class RegionSession: @unchecked Sendable {
  // Safety: used by one thread at a time, as its callers promise.

  /// The regions, as they were given.
  package let regions: [MapRegion]
  /// For each region, where it changes the value, when that is a map [1, C, H, W] of which it does not change everything; else nil. No
  /// element outside is other than for the unchanged picture, but for rounding.
  package let changed: [MapRegion?]
  /// Multiply-adds of convolutions and matrix products: of the whole network, and of what is computed for a region, on average.
  package let multiplyAdds: (whole: Int, region: Int)
  private let session: Session
  private let whole: Plan
  private let parts: [RegionPart]
  private let maps: [UnchangedMap]
  private let picture: UnchangedMap
  private let remembered: Tensor
  private let rows: ChosenRows?
  /// The channels to compute; empty: all.
  private var channels: [Int]
  private let chosen: Tensor

  /// Prepares a network.
  /// - Parameters:
  ///   - session: for one picture; its input is the picture, its weights are used.
  ///   - regions: of the picture, inside it and not empty; all that `run` looks at.
  ///   - name: the ONNX name of the value to compute.
  ///   - channels: how many elements of the value's second axis are of interest, `choose` says which; nil: all of them.
  ///   - batch: how many regions to look at together at most, where the network can be batched. The weights are read once for
  ///     all of them: VGG-16's come from memory, and 24 at a time take two thirds of the time of 4.
  /// - Throws: `InferenceError`.
  package init(
    _ session: Session, regions: [MapRegion], value name: String, channels: Int? = nil, batch: Int = 24
  ) throws {
    guard let value = try Session.resolve([name], in: session.graph)[name] else {
      preconditionFailure("what is resolved is there")
    }
    let planner = session.planner
    let graph = planner.prepared.graph(tapping: [value])
    let shared = UnchangedMaps()
    let all = try WindowGraph(graph, regions, value: value, current: CurrentRegions(batch: 1), maps: UnchangedMaps())
    // The costliest first: the others find room in its memory, for they never run at the same time.
    // The rows of a narrowed head are multiplied in float32, which would not be comparable with bfloat16's products.
    let narrowed = planner.precision == .bf16 ? nil : channels
    let graphs = try RegionGroups.groups(all.latest, least: batch).map {
      try RegionGraph(graph, regions, $0, value: value, channels: narrowed, batch: batch, maps: shared)
    }.sorted { $0.multiplyAdds * $0.batch > $1.multiplyAdds * $1.batch }
    let input = graph.inputs[0].value
    let picture = shared.map(input, Planar(graph.type(of: input).shape))
    whole = try planner.plan(tapping: Set(shared.all.keys))
    for map in shared.all.values { map.plain = whole.taps[map.value] }
    // A copy of its own: what the session's input holds later is not what was remembered.
    remembered = Tensor(.float32, graph.type(of: input).shape)
    picture.plain = remembered.view
    let rows = graphs[0].head.flatMap { head in channels.map { ChosenRows(head, $0) } }
    var parts: [RegionPart] = []
    for graph in graphs { parts.append(try RegionPart(graph, planner, rows: rows, sharing: parts.first)) }
    self.parts = parts
    changed = all.changed ?? Array(repeating: nil, count: regions.count)
    (self.session, self.regions, self.picture, self.rows) = (session, regions, picture, rows)
    maps = Array(shared.all.values)
    self.channels = Array(repeating: 0, count: channels ?? 0)
    chosen = Tensor(.float32, [max(1, channels ?? 0)])
    multiplyAdds = (
      GraphSummary(planner.prepared.graph).multiplyAdds,
      graphs.reduce(0) { $0 + $1.multiplyAdds * $1.regions.count } / regions.count
    )
  }

  /// Says which channel is meant by one of those that are of interest.
  package func choose(_ index: Int, _ channel: Int) {
    channels[index] = channel
    rows?.set(index, to: channel)
  }

  /// Looks at the picture that the session's input holds.
  package func remember() {
    let (input, copy) = (session.inputs[0].view.floats, remembered.view.floats)
    if let source = input.baseAddress { copy.baseAddress?.update(from: source, count: copy.count) }
    whole.run(on: session.pool)
    var index = 0
    while index < maps.count {
      maps[index].update(session.isa)
      index += 1
    }
  }

  /// Computes the value for the picture with each of the regions taken from another one, in an order that suits it.
  /// - Parameters:
  ///   - source: the other picture, [C, H, W].
  ///   - take: is given a region's number and the value's elements, or those of the channels of interest, row-major.
  package func run(changingTo source: UnsafePointer<Float>, _ take: (Int, UnsafeBufferPointer<Float>) -> Void) {
    var index = 0
    while index < parts.count {
      run(parts[index], source, take)
      index += 1
    }
  }

  private func run(
    _ part: RegionPart, _ source: UnsafePointer<Float>, _ take: (Int, UnsafeBufferPointer<Float>) -> Void
  ) {
    var first = 0
    while first < part.regions.count {
      let end = min(first + part.batch, part.regions.count)
      part.run(first..<end, of: regions, on: picture, from: source, session.pool)
      var number = first
      while number < end {
        take(part.regions[number], values(part.result, number - first, of: part.batch))
        number += 1
      }
      first = end
    }
  }

  private func values(_ view: TensorView, _ item: Int, of batch: Int) -> UnsafeBufferPointer<Float> {
    let count = view.shape.count / batch
    let all = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(view.floats)[item * count..<(item + 1) * count])
    guard !channels.isEmpty, rows == nil else { return all }
    let picked = chosen.view.floats
    var index = 0
    while index < channels.count {
      picked[index] = all[channels[index]]
      index += 1
    }
    return UnsafeBufferPointer(picked)
  }
}
