import Tensors

/// Some of the regions with the graph for them, before it is planned.
struct RegionGraph {
  /// The numbers of the regions.
  let regions: [Int]
  /// For `batch` regions.
  let graph: Graph
  let batch: Int
  /// Multiply-adds for one region.
  let multiplyAdds: Int
  let windows: MapWindows
  let current: CurrentRegions
  let head: NarrowedHead?

  /// - Parameters:
  ///   - whole: the graph of the whole network.
  ///   - value: what to compute.
  ///   - channels: compute only so many of its channels where that saves something; nil: all.
  init(
    _ whole: Graph, _ all: [MapRegion], _ regions: [Int], value: ValueID, channels: Int?, batch most: Int,
    maps: UnchangedMaps
  ) throws {
    // As many runs as needed, all about as full.
    let runs = (regions.count + max(1, most) - 1) / max(1, most)
    let most = (regions.count + runs - 1) / runs
    current = CurrentRegions(batch: most)
    let convolution = channels.flatMap { NarrowedHead.convolution(before: value, in: whole, channels: $0) }
    let windowed = try WindowGraph(
      whole, regions.map { all[$0] }, value: value, current: current, maps: maps,
      cut: convolution.flatMap { whole.nodes[$0].outputs[0] })
    head = try channels.flatMap { try NarrowedHead(windowed.graph, channels: $0) }
    let single = head?.graph ?? windowed.graph
    let many = try? single.batched(most, growing: 1)
    (graph, batch) = (many ?? single, many == nil ? 1 : most)
    multiplyAdds = GraphSummary(single).multiplyAdds
    (self.regions, windows) = (regions, windowed.picture)
  }
}

/// Some of the regions, ready to run.
final class RegionPart {
  /// The numbers of the regions.
  let regions: [Int]
  /// The regions that one run is about.
  let batch: Int
  /// The value that is computed, [batch, …].
  let result: TensorView
  private let plan: Plan
  private let windows: MapWindows
  private let changes: Tensor
  private let current: CurrentRegions

  /// - Parameters:
  ///   - rows: where the chosen rows and biases of a narrowed head are.
  ///   - other: a part whose results are no longer needed when this one runs.
  init(_ graph: RegionGraph, _ planner: Planner, rows: ChosenRows?, sharing other: RegionPart?) throws {
    let input = graph.graph.inputs[0].value
    changes = Tensor(.float32, graph.graph.type(of: input).shape)
    var inputs = [input: changes.storage]
    if let head = graph.head, let rows {
      inputs[head.inputs.rows] = rows.rows.storage
      inputs[head.inputs.bias] = rows.bias.storage
    }
    let value = graph.graph.outputs[0]
    plan = try planner.plan(graph.graph, inputs: inputs, tapping: [value], replacing: other?.plan)
    guard let view = plan.taps[value] else { preconditionFailure("what is tapped is there") }
    (regions, batch, result) = (graph.regions, graph.batch, view)
    (windows, current) = (graph.windows, graph.current)
  }

  /// Computes the value for some of the regions, counted in this part; the last one fills up the batch.
  func run(
    _ range: Range<Int>, of all: [MapRegion], on picture: UnchangedMap, from source: UnsafePointer<Float>,
    _ pool: ThreadPool
  ) {
    var item = 0
    while item < batch {
      let number = min(range.lowerBound + item, range.upperBound - 1)
      current[item] = number
      place(number, all[regions[number]], at: item, on: picture, from: source)
      item += 1
    }
    plan.run(on: pool)
  }

  /// A window onto the picture with the region in it.
  private func place(
    _ number: Int, _ region: MapRegion, at item: Int, on picture: UnchangedMap, from source: UnsafePointer<Float>
  ) {
    guard let base = picture.plain?.floats.baseAddress, let target = changes.view.floats.baseAddress else { return }
    let (map, extent, origin) = (picture.extent.spatial, windows.extent, windows.origins[number])
    var row = 0
    while row < picture.extent.channels * extent.height {
      let (channel, y) = (row / extent.height, origin.height + row % extent.height)
      let line = (channel * map.height + y) * map.width
      let to = target + (item * picture.extent.channels * extent.height + row) * extent.width
      to.update(from: base + line + origin.width, count: extent.width)
      if region.rows.contains(y) {
        (to + region.columns.lowerBound - origin.width).update(
          from: source + line + region.columns.lowerBound, count: region.columns.count)
      }
      row += 1
    }
  }
}

/// The rows of a head's weights that a question needs, and their biases.
final class ChosenRows {
  /// [K, C]
  let rows: Tensor
  /// [K, 1]
  let bias: Tensor
  private let head: NarrowedHead

  init(_ head: NarrowedHead, _ count: Int) {
    rows = Tensor(.float32, [count, head.weights.shape[1]])
    bias = Tensor(.float32, [count, 1])
    self.head = head
  }

  /// Takes over the weights of a channel.
  func set(_ index: Int, to channel: Int) {
    let count = rows.shape[1]
    guard let from = head.weights.view.floats.baseAddress, let to = rows.view.floats.baseAddress else { return }
    (to + index * count).update(from: from + channel * count, count: count)
    bias.view.floats[index] = head.bias?.view.floats[channel] ?? 0
  }
}
