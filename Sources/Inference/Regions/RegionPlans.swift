import Tensors

/// What a `RegionSession` is asked for.
struct RegionQuestion {
  let regions: [MapRegion]
  /// The ONNX name of the value to compute.
  let value: String
  /// How many of its channels are of interest; nil: all.
  let channels: Int?
  /// How many regions to look at together at most.
  let batch: Int
}

/// The plans that answer it, by one version of the network's parameters.
struct RegionPlans {
  /// Of the network's parameters.
  let version: Int
  /// Computes what surrounds the windows onto the unchanged picture.
  let whole: Plan
  let parts: [RegionPart]
  let maps: [UnchangedMap]
  let picture: UnchangedMap
  /// A copy of the picture: what the session's input holds later is not what was remembered.
  let remembered: Tensor
  let rows: ChosenRows?
  /// For each region, where it changes the value; nil where that may be anywhere.
  let changed: [MapRegion?]
  /// Of the whole network, and of what is computed for a region, on average.
  let multiplyAdds: (whole: Int, region: Int)

  init(_ question: RegionQuestion, _ planner: Planner) throws {
    let (regions, channels, prepared) = (question.regions, question.channels, planner.prepared)
    let value = try planner.network.graph.value(wanted: question.value)
    let graph = prepared.graph(tapping: [value])
    let shared = UnchangedMaps()
    let all = try WindowGraph(graph, regions, value: value, current: CurrentRegions(batch: 1), maps: UnchangedMaps())
    // The costliest first: the others find room in its memory, for they never run at the same time.
    // The rows of a narrowed head are multiplied in float32, which would not be comparable with bfloat16's products.
    let narrowed = planner.precision == .bf16 ? nil : channels
    let graphs = try RegionGroups.groups(all.latest, least: question.batch).map {
      try RegionGraph(
        graph, regions, $0, value: value, channels: narrowed, batch: question.batch, maps: shared)
    }.sorted { $0.multiplyAdds * $0.batch > $1.multiplyAdds * $1.batch }
    let input = graph.inputs[0].value
    picture = shared.map(input, Planar(graph.type(of: input).shape))
    whole = try planner.plan(tapping: Set(shared.all.keys))
    for map in shared.all.values { map.plain = whole.taps[map.value] }
    remembered = Tensor(.float32, graph.type(of: input).shape)
    picture.plain = remembered.view
    let rows = graphs[0].head.flatMap { head in channels.map { ChosenRows(head, $0) } }
    var parts: [RegionPart] = []
    for graph in graphs { parts.append(try RegionPart(graph, planner, rows: rows, sharing: parts.first)) }
    (version, self.parts, self.rows, maps) = (planner.network.version, parts, rows, Array(shared.all.values))
    changed = all.changed ?? Array(repeating: nil, count: regions.count)
    multiplyAdds = (
      GraphSummary(prepared.graph).multiplyAdds,
      graphs.reduce(0) { $0 + $1.multiplyAdds * $1.regions.count } / regions.count
    )
  }
}
