import Tensors

/// A graph that computes only what a change of a region of the input changes, layer by layer, until that is everything.
///
/// Each value that has changed in parts is kept as windows of one extent. Where an operator reads beyond its window, the unchanged
/// map surrounds it.
struct WindowGraph {
  /// The graph; its only input are the windows onto the picture, [1, C, h, w].
  private(set) var graph: Graph
  /// The windows onto the picture.
  let picture: MapWindows
  /// Where each region changes the last of the layers that it does not change everywhere.
  private(set) var latest: [MapRegion]
  /// Where each region changes the value that is computed; nil where it may be anywhere.
  private(set) var changed: [MapRegion]?
  private let maps: UnchangedMaps
  private let original: Graph
  private let current: CurrentRegions
  private let cut: ValueID?
  /// How each value has changed so far: only in these windows, where the changed regions are these; nil: anywhere.
  private var windows: [ValueID: (windows: MapWindows, regions: [MapRegion])] = [:]
  /// Values that were enlarged to the whole map.
  private var wholes: [ValueID: ValueID] = [:]

  /// - Parameters:
  ///   - original: a specialised graph for one picture.
  ///   - regions: what may change, none of them empty.
  ///   - value: what to compute.
  ///   - maps: where to find what surrounds windows.
  ///   - cut: a value that is to be computed everywhere, with what follows it.
  init(
    _ original: Graph, _ regions: [MapRegion], value: ValueID, current: CurrentRegions, maps: UnchangedMaps,
    cut: ValueID? = nil
  ) throws {
    guard original.inputs.count == 1, let map = Locality.map(original.inputs[0].value, original),
      original.type(of: original.inputs[0].value).shape[0] == 1
    else {
      throw InferenceError("only networks with one picture input, [1, C, H, W], can be computed in parts")
    }
    let input = original.inputs[0].value
    (self.original, self.current, self.maps, graph, latest) = (original, current, maps, original, regions)
    self.cut = cut
    picture = MapWindows(holding: regions, in: map)
    graph.nodes = []
    let shape = original.type(of: input).shape
    graph.inputs[0].extents = [1, shape[1], picture.extent.height, picture.extent.width].map { .fixed($0) }
    if picture.extent != map { windows[input] = (picture, regions) }
    for index in graph.values.indices where graph.values[index].constant == nil { graph.values[index].type = nil }
    for node in original.nodes.needed(for: [value]) { add(node) }
    changed = windows[value]?.regions
    graph.outputs = [whole(value)]
    graph = try graph.specialized(inputs: [:])
  }

  private mutating func add(_ node: Node) {
    let inputs = node.inputs.compactMap { $0 }.filter { original.values[$0].constant == nil }
    let changes = inputs.compactMap { windows[$0] }
    if changes.count == inputs.count, let output = node.outputs.first ?? nil, output != cut,
      let map = Locality.map(output, original)
    {
      switch Locality(node, inputs, in: original) {
      case .window(let window, let padding):
        if addWindow(node, changes[0], window, padding, output, map) { return }
      case .pointwise:
        if addPointwise(node, changes.map(\.regions), output, map) { return }
      case .everything: break
      }
    }
    var node = node
    node.inputs = node.inputs.map { $0.map { windows[$0] == nil ? $0 : whole($0) } }
    graph.nodes.append(node)
  }

  private mutating func addWindow(
    _ node: Node, _ change: (windows: MapWindows, regions: [MapRegion]), _ window: Window, _ padding: Float,
    _ output: ValueID, _ map: Spatial
  ) -> Bool {
    guard let input = node.inputs[0], let extent = Locality.map(input, original) else { return false }
    let regions = change.regions.map { $0.seen(through: window, input: extent, output: map) }
    let result = MapWindows(holding: regions, in: map)
    guard result.extent != map else { return false }
    var node = node
    node.op = node.op.withoutPadding()
    node.inputs[0] = enlarged(input, to: result.read(by: window, input: extent), padding: padding)
    graph.nodes.append(node)
    (windows[output], latest) = ((result, regions), regions)
    return true
  }

  private mutating func addPointwise(
    _ node: Node, _ changes: [[MapRegion]], _ output: ValueID, _ map: Spatial
  ) -> Bool {
    guard var regions = changes.first else { return false }
    for other in changes.dropFirst() { regions = zip(regions, other).map { $0.union($1) } }
    let result = MapWindows(holding: regions, in: map)
    guard result.extent != map else { return false }
    var node = node
    node.inputs = node.inputs.map { input in
      input.map { windows[$0] == nil ? $0 : enlarged($0, to: result, padding: 0) }
    }
    graph.nodes.append(node)
    (windows[output], latest) = ((result, regions), regions)
    return true
  }

  /// The value in larger windows; itself where they are its own.
  private mutating func enlarged(_ value: ValueID, to outer: MapWindows, padding: Float) -> ValueID {
    guard let inner = windows[value]?.windows, inner != outer else { return value }
    let map = maps.map(value, Planar(original.type(of: value).shape))
    let name = "\(original.values[value].name) with surroundings \(graph.values.count)"
    graph.values.append(Value(name: name))
    let result = graph.values.count - 1
    graph.nodes.append(
      Node(
        name: name, op: Surroundings(inner, outer, padding: padding, map: map, regions: current), inputs: [value],
        outputs: [result]))
    return result
  }

  /// The value everywhere.
  private mutating func whole(_ value: ValueID) -> ValueID {
    if let known = wholes[value] { return known }
    guard let change = windows[value], let map = Locality.map(value, original) else { return value }
    let result = enlarged(value, to: MapWindows(whole: map, regions: change.regions.count), padding: 0)
    wholes[value] = result
    return result
  }
}
