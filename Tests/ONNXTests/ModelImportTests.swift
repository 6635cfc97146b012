import Foundation
import Inference
import Tensors
import Testing

@testable import ONNX

@Suite struct ModelImportTests {
  @Test func metadataAndDeclaredInputs() throws {
    let symbolic = Proto.message(
      11, .text(1, "x"),
      .message(
        2, .message(1, .int(1, 10), .message(2, .message(1, .text(2, "batch")), .message(1, .int(1, 3)), .message(1)))))
    let graph: [Proto] = [
      .text(2, "net"), .text(10, "about it"), symbolic, .node("Relu", ["x"], ["y"], name: "act"), .output("y"),
    ]
    let extra: [Proto] = [
      .text(3, "1.2"), .message(14, .text(1, "labels"), .text(2, "cat,dog")),
      .message(14, .text(1, "Ünïcode"), .text(2, "日本")),
    ]
    let model = try importModel(bytes: Proto.model(opset: 13, extra: extra, graph), name: "m")
    #expect(model.metadata.producer == "fovea tests")
    #expect(model.metadata.producerVersion == "1.2")
    #expect(model.metadata.opset == 13)
    #expect(model.metadata.irVersion == 8)
    #expect(model.metadata.properties == ["labels": "cat,dog", "Ünïcode": "日本"])
    #expect(model.metadata.documentation == "about it")
    #expect(model.graph.name == "net")
    #expect(model.graph.inputs.count == 1)
    #expect(model.graph.inputs[0].element == .float32)
    #expect(model.graph.inputs[0].extents == [.dynamic("batch"), .fixed(3), .dynamic(nil)])
    #expect(model.graph.nodes.map(\.name) == ["act"])
    #expect(model.warnings.isEmpty)
  }

  @Test func nodesAreSortedAndNamed() throws {
    let graph: [Proto] = [
      .input("x", [4]), .node("Tanh", ["b"], ["c"]), .node("Sigmoid", ["a"], ["b"], name: "middle"),
      .node("Relu", ["x"], ["a"]), .output("c"),
    ]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    #expect(model.graph.nodes.map(\.op.name) == ["Relu", "Sigmoid", "Tanh"])
    #expect(model.graph.nodes.map(\.name) == ["Relu_2", "middle", "Tanh_0"])
  }

  @Test func constantsListedAsInputsAreNoInputs() throws {
    let graph: [Proto] = [
      .input("x", [1, 2]), .input("s", [2]), .initializer("s", [2], .rawFloats([0.5, 0.25])),
      .node("PRelu", ["x", "s"], ["y"]), .output("y"),
    ]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    #expect(model.graph.inputs.map { model.graph.values[$0.value].name } == ["x"])
    #expect(try constant("s", of: model) == [0.5, 0.25])
  }

  @Test func inputsThatNothingReadsAreLeftOut() throws {
    let graph: [Proto] = [
      .input("x", [1, 2]), .input("training", type: 9, []), .node("Relu", ["x"], ["y"]), .output("y"),
    ]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    #expect(model.graph.inputs.map { model.graph.values[$0.value].name } == ["x"])
    #expect(model.notes.contains { $0.contains("'training'") })
  }

  @Test func batchNormalisationOfOldTrainingIsAnnounced() throws {
    let statistics = ["s", "b", "m", "v"].map { Proto.initializer($0, [3], .rawFloats([1, 1, 1])) }
    let graph: [Proto] =
      statistics + [
        .input("x", [1, 3, 2]),
        .node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y", "m2", "v2", "m3", "v3"], name: "bn"),
        .output("y"),
      ]
    let model = try importModel(bytes: Proto.model(opset: 8, graph), name: "m")
    #expect(model.warnings.contains { $0.contains("bn") && $0.contains("5 outputs") })
    #expect(try importModel(bytes: Proto.model(opset: 9, graph), name: "m").warnings.isEmpty)
  }

  @Test func everyStorageOfEveryType() throws {
    let half = [UInt8](arrayLiteral: 0x00, 0x3E, 0x00, 0xC0)
    let bfloat = [UInt8](arrayLiteral: 0xC0, 0x3F, 0x00, 0xC0)
    let double = [1.5, -2.0].flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
    let constants: [Proto] = [
      .initializer("raw", [2], .rawFloats([1.5, -2])),
      .initializer("packed", [2], .blob(4, Array(Proto.rawFloats([1.5, -2]).bytes.dropFirst(2)))),
      .initializer("unpacked", [2], .float(4, 1.5), .float(4, -2)),
      .initializer("half", type: 10, [2], .blob(9, half)),
      .initializer("half typed", type: 10, [2], .int(5, 0x3E00), .int(5, 0xC000)),
      .initializer("bfloat", type: 16, [2], .blob(9, bfloat)),
      .initializer("double", type: 11, [2], .blob(9, double)),
      .initializer("double typed", type: 11, [2], .blob(10, double)),
    ]
    let graph = constants + [.input("x", [2]), .node("Relu", ["x"], ["y"]), .output("y")]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    for name in ["raw", "packed", "unpacked", "half", "half typed", "bfloat", "double", "double typed"] {
      #expect(try constant(name, of: model) == [1.5, -2], "\(name)")
    }
  }

  @Test func integersKeepTheirType() throws {
    let graph: [Proto] = [
      .initializer("i8", type: 3, [2], .int(5, -3), .int(5, 4)), .initializer("i64", type: 7, [1], .int(7, -(1 << 40))),
      .initializer("u8", type: 2, [2], .blob(9, [200, 3])), .input("x", [2]), .node("Relu", ["x"], ["y"]),
      .output("y"),
    ]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    let tensors = try ["i8", "i64", "u8"].map { name in
      try #require(model.graph.value(named: name).flatMap { model.graph.values[$0].constant })
    }
    #expect(tensors.map(\.type) == [.int8, .int64, .uint8])
    #expect(Array(tensors[0].view.elements(as: Int8.self)) == [-3, 4])
    #expect(Array(tensors[1].view.elements(as: Int64.self)) == [-(1 << 40)])
    #expect(Array(tensors[2].view.elements(as: UInt8.self)) == [200, 3])
  }

  @Test func alignedConstantsAreNotCopied() throws {
    let floats = [Float](repeating: 1, count: 1000)
    for padding in 0..<4 {
      let graph: [Proto] = [
        .text(2, String(repeating: "n", count: padding)), .initializer("w", [1000], .rawFloats(floats)),
        .input("x", [1000]), .node("PRelu", ["x", "w"], ["y"]), .output("y"),
      ]
      let source = ByteSource(copying: Proto.model(graph))
      let proto = try ModelProto(WireReader(source))
      let tensor = try TensorDecoder(model: nil).tensor(try #require(proto.graph?.initializers.first))
      let range = try #require(proto.graph?.initializers.first?.rawData)
      let start = UnsafeRawPointer(source.bytes.baseAddress! + range.lowerBound)
      #expect((UnsafeRawPointer(tensor.view.pointer) == start) == (Int(bitPattern: start) % 4 == 0))
      #expect(tensor.view.floats.allSatisfy { $0 == 1 })
    }
  }

  @Test func newerOperatorSetsGiveAWarning() throws {
    let graph: [Proto] = [.input("x", [2]), .node("Relu", ["x"], ["y"]), .output("y")]
    #expect(try importModel(bytes: Proto.model(opset: 21, graph), name: "m").warnings.isEmpty)
    #expect(try importModel(bytes: Proto.model(opset: 22, graph), name: "m").warnings.count == 1)
  }

  @Test func errorsAreOneLineWhateverTheNames() {
    let graph: [Proto] = [.node("Relu", ["a\n\u{1B}[31mb\u{202E}"], ["y"]), .output("y")]
    expectSentence(["reads 'a??[31mb?'"], "control characters") {
      try importModel(bytes: Proto.model(graph), name: "m")
    }
    let long: [Proto] = [.node(String(repeating: "O", count: 1 << 20), [], ["y"])]
    expectSentence(["OOO…"], "a long name") { try importModel(bytes: Proto.model(long), name: "m") }
  }

  @Test func unreadAttributesAreNoted() throws {
    let graph: [Proto] = [
      .input("x", [2]), .node("Relu", ["x"], ["y"], name: "act", [.intAttribute("inplace", 1)]), .output("y"),
    ]
    let model = try importModel(bytes: Proto.model(graph), name: "m")
    #expect(model.notes == ["act: attribute 'inplace' is not read"])
  }

  private func constant(_ name: String, of model: ImportedModel) throws -> [Float] {
    let tensor = try #require(model.graph.value(named: name).flatMap { model.graph.values[$0].constant })
    return withExtendedLifetime(tensor) { Array(tensor.view.floats) }
  }
}
