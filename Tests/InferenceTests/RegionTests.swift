import Tensors
import TestSupport
import Testing

@testable import Inference

/// Changed regions in, changed regions out: the numbers are those of the whole network on the changed picture.
@Suite struct RegionTests {
  /// The regions of a grid of patches, the last ones cut at the edge.
  private func grid(_ map: Spatial, patch: Int, stride: Int) -> [MapRegion] {
    func spans(_ extent: Int) -> [Range<Int>] {
      Swift.stride(from: 0, to: max(1, extent - patch + stride), by: stride)
        .map { $0..<min(extent, $0 + patch) }.filter { !$0.isEmpty }
    }
    return spans(map.height).flatMap { rows in spans(map.width).map { MapRegion(rows: rows, columns: $0) } }
  }

  private func changed(_ picture: [Float], by other: [Float], in region: MapRegion, _ extent: Planar) -> [Float] {
    var result = picture
    for channel in 0..<extent.channels {
      for y in region.rows {
        for x in region.columns {
          let index = (channel * extent.spatial.height + y) * extent.spatial.width + x
          result[index] = other[index]
        }
      }
    }
    return result
  }

  private func fill(_ session: Session, _ picture: [Float]) {
    picture.withUnsafeBytes { UnsafeMutableRawBufferPointer(session.inputs[0].view.floats).copyMemory(from: $0) }
  }

  /// Compares every region with a run of the whole network.
  private func expectEqual(
    _ graph: Graph, _ picture: [Float], patch: Int, stride: Int, batch: Int, threads: Int = 1, isa: ISA = .best,
    value: String? = nil, channels: [Int]? = nil, precision: Precision = .fp32, within limit: Float = 1e-5,
    _ label: String
  ) throws -> RegionSession {
    let name = value ?? graph.values[graph.outputs[0]].name
    var options = NetworkOptions(threads: threads, isa: isa)
    options.precision = precision
    let session = try CompiledNetwork(graph, options: options).session(taps: [name])
    let extent = Planar(session.inputs[0].view.shape)
    let other = picture.map { 0.7 - $0 }
    let parts = try RegionSession(
      session, regions: grid(extent.spatial, patch: patch, stride: stride), value: name, channels: channels?.count,
      batch: batch)
    for (index, channel) in (channels ?? []).enumerated() { parts.choose(index, channel) }
    fill(session, picture)
    try parts.remember()
    var results = [[Float]](repeating: [], count: parts.regions.count)
    try other.withUnsafeBufferPointer {
      parts.run(changingTo: try #require($0.baseAddress)) { results[$0] = Array($1) }
    }
    for (got, region) in zip(results, parts.regions) {
      fill(session, changed(picture, by: other, in: region, extent))
      try session.run()
      let all = try #require(session.tap(name)).floats
      let want = channels?.map { all[$0] } ?? Array(all)
      #expect(got.count == want.count)
      // The scale is that of all channels.
      let difference = zip(got, want).map { abs($0 - $1) }.max() ?? .infinity
      let scale = (all.reduce(0) { $0 + $1 * $1 } / Float(all.count)).squareRoot()
      #expect(difference <= limit * scale, "\(name), \(region), \(label)")
    }
    return parts
  }

  @Test(arguments: RandomNetworkTests.seeds) func randomNetworksComputeTheSame(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed)
    guard graph.type(of: graph.inputs[0].value).shape[0] == 1 else { return }
    for isa in ISA.allCases where isa.isSupported {
      _ = try expectEqual(graph, input, patch: 3, stride: 2, batch: 4, isa: isa, "seed \(seed), \(isa)")
    }
  }

  @Test(arguments: RandomNetworkTests.seeds) func everyValueIsTheSame(seed: Int) throws {
    let (graph, input) = try RandomNetwork.make(seed: seed)
    guard graph.type(of: graph.inputs[0].value).shape[0] == 1 else { return }
    for case let output? in graph.nodes.map({ $0.outputs[0] }) where graph.values[output].type?.element == .float32 {
      _ = try expectEqual(
        graph, input, patch: 2, stride: 2, batch: 3, threads: 2, value: graph.values[output].name, "seed \(seed)")
    }
  }

  /// A small classifier that ends as SqueezeNet does: a 1x1 convolution with a channel for each class, then means.
  private func squeezed(classes: Int = 40) throws -> (graph: Graph, input: [Float]) {
    var (builder, generator) = (GraphBuilder(), SeededGenerator(seed: 11))
    func weights(_ name: String, _ shape: Shape) -> String {
      let fan = Float(shape.dimensions.dropFirst().reduce(1, *)).squareRoot()
      _ = builder.value(name, constant: Tensor(generator.floats(shape.count, in: -1.7 / fan...1.7 / fan), shape))
      return name
    }
    let padded = Padding.explicit(Pads(top: 1, left: 1, bottom: 1, right: 1))
    let window = Window(kernel: Spatial(3, 3), strides: Spatial(2, 2), ceilMode: true)
    builder.input("x", [1, 3, 43, 37] as Shape)
    builder.node(Conv(strides: Spatial(2, 2), padding: padded), ["x", weights("a", [16, 3, 3, 3])], ["1"])
    builder.node(Relu(), ["1"], ["2"])
    builder.node(MaxPool(window: window), ["2"], ["3"])
    builder.node(Conv(padding: padded), ["3", weights("b", [32, 16, 3, 3])], ["4"])
    builder.node(Conv(), ["3", weights("c", [16, 16, 1, 1])], ["5"])
    builder.node(Concat(axis: 1), ["4", "5"], ["6"])
    builder.node(Relu(), ["6"], ["7"])
    // A kernel smaller than its stride: some changes are seen by no position.
    builder.node(Conv(strides: Spatial(2, 2)), ["7", weights("d", [24, 48, 1, 1])], ["8"])
    builder.node(LRN(size: 5), ["8"], ["9"])
    builder.node(Conv(padding: padded), ["9", weights("e", [24, 24, 3, 3])], ["10"])
    builder.node(Add(), ["10", "9"], ["11"])
    builder.node(Conv(), ["11", weights("f", [classes, 24, 1, 1]), weights("g", [classes])], ["12"])
    builder.node(Relu(), ["12"], ["13"])
    builder.node(GlobalAveragePool(), ["13"], ["14"])
    builder.node(Flatten(axis: 1), ["14"], ["y"])
    builder.output("y")
    let graph = try builder.graph.specialized(inputs: [:])
    return (graph, generator.floats(3 * 43 * 37))
  }

  @Test func onlyTheChosenClassesOfAHeadAreComputed() throws {
    let (graph, input) = try squeezed()
    for isa in ISA.allCases where isa.isSupported {
      let all = try expectEqual(graph, input, patch: 6, stride: 6, batch: 4, isa: isa, "all classes, \(isa)")
      let two = try expectEqual(
        graph, input, patch: 6, stride: 6, batch: 4, threads: 2, isa: isa, channels: [31, 7], "two classes, \(isa)")
      #expect(two.multiplyAdds.region < all.multiplyAdds.region)
      #expect(all.multiplyAdds.whole == two.multiplyAdds.whole)
      #expect(3 * two.multiplyAdds.region < two.multiplyAdds.whole)
    }
  }

  /// bfloat16 rounds what lies between the layers, and another order of sums may round it otherwise.
  @Test(.enabled(if: Bfloat16.unit != nil && ISA.best == .avx512)) func bfloat16StaysNearTheWholeNetwork() throws {
    let (graph, input) = try squeezed()
    _ = try expectEqual(
      graph, input, patch: 6, stride: 6, batch: 4, channels: [31, 7], precision: .bf16, within: 0.03, "bf16")
  }

  /// A head of another form: the chosen channels are picked from all.
  @Test func channelsCanBeChosenOfAnyValue() throws {
    var builder = GraphBuilder()
    builder.input("x", [1, 2, 6, 6] as Shape)
    builder.node(GlobalAveragePool(), ["x"], ["1"])
    builder.node(Flatten(axis: 1), ["1"], ["2"])
    _ = builder.value("w", constant: Tensor((0..<10).map { Float($0) - 4 }, [5, 2]))
    builder.node(Gemm(transposeB: true), ["2", "w"], ["y"])
    builder.output("y")
    let input = (0..<72).map { Float($0 % 7) }
    _ = try expectEqual(
      builder.graph.specialized(inputs: [:]), input, patch: 2, stride: 2, batch: 3, channels: [4, 0, 3], "Gemm")
  }

  /// Outside the regions that are returned all values are those of the unchanged picture.
  @Test func changedRegionsComeOut() throws {
    let (graph, input) = try squeezed()
    for name in ["3", "7", "11", "y"] {
      let session = try CompiledNetwork(graph, options: .init(threads: 1)).session(taps: [name])
      fill(session, input)
      try session.run()
      let before = Array(try #require(session.tap(name)).floats)
      let extent = Planar(session.inputs[0].view.shape).spatial
      let parts = try RegionSession(session, regions: grid(extent, patch: 4, stride: 4), value: name, batch: 3)
      try parts.remember()
      if name == "y" { #expect(parts.changed.allSatisfy { $0 == nil }) }
      guard name != "y" else { continue }
      let map = Planar(graph.type(of: try #require(graph.value(named: name))).shape).spatial
      var (changes, places) = (0, 0)
      let other = input.map { 0.7 - $0 }
      try other.withUnsafeBufferPointer {
        parts.run(changingTo: try #require($0.baseAddress)) { region, values in
          guard let out = parts.changed[region] else { return }
          places += out.rows.count * out.columns.count
          for (i, value) in values.enumerated() where value != before[i] {
            let (y, x) = (i / map.width % map.height, i % map.width)
            let isInside = out.rows.contains(y) && out.columns.contains(x)
            if isInside { changes += 1 } else { #expect(abs(value - before[i]) < 1e-5, "\(name), \(y), \(x)") }
          }
        }
      }
      #expect(changes > 0 && places < parts.regions.count * map.height * map.width)
    }
  }

  /// What is in the session's input when a region is changed does not matter.
  @Test func theRememberedPictureStays() throws {
    let (graph, input) = try squeezed()
    let session = try CompiledNetwork(graph, options: .init(threads: 1)).session()
    let parts = try RegionSession(
      session, regions: [MapRegion(rows: 3..<9, columns: 30..<37)], value: "y", batch: 1)
    func result() throws -> [Float] {
      var values: [Float] = []
      try input.withUnsafeBufferPointer { parts.run(changingTo: try #require($0.baseAddress)) { values = Array($1) } }
      return values
    }
    fill(session, input)
    try parts.remember()
    let first = try result()
    fill(session, input.map { -$0 })
    #expect(try result() == first)
    try parts.remember()
    #expect(try result() != first)
  }

  @Test func batchesAndSeveralInputsAreRefused() throws {
    var builder = GraphBuilder()
    builder.input("x", [2, 1, 4, 4] as Shape)
    builder.node(Relu(), ["x"], ["y"])
    builder.output("y")
    let session = try CompiledNetwork(builder.graph.specialized(inputs: [:])).session()
    #expect(throws: InferenceError.self) {
      try RegionSession(session, regions: [MapRegion(rows: 0..<1, columns: 0..<1)], value: "y")
    }
    #expect(throws: InferenceError.self) {
      try RegionSession(session, regions: [MapRegion(rows: 0..<1, columns: 0..<1)], value: "z")
    }
  }
}
