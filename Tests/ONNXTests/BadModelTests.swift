import Foundation
import TestSupport
import Testing

@testable import ONNX

/// Models that cannot be used: always one sentence that names what is wrong.
@Suite struct BadModelTests {
  private static let relu: [Proto] = [.input("x", [2]), .node("Relu", ["x"], ["y"]), .output("y")]

  private static func with(_ parts: Proto...) -> [Proto] { relu + parts }

  /// What is wrong, the graph, and words of the sentence.
  private static let graphs: [(String, [Proto], [String])] = [
    (
      "cycle",
      [.input("x", [2]), .node("PRelu", ["x", "b"], ["a"], name: "n"), .node("Relu", ["a"], ["b"]), .output("a")],
      ["cycle", "n"]
    ),
    ("own output", [.node("Relu", ["y"], ["y"], name: "n"), .output("y")], ["cycle", "n"]),
    ("undefined input", [.node("Relu", ["x"], ["y"], name: "n"), .output("y")], ["n", "'x'", "nothing computes"]),
    ("undefined output", relu + [.output("z")], ["'z'"]),
    ("no outputs", [.input("x", [2]), .node("Relu", ["x"], ["y"])], ["no outputs"]),
    ("computed twice", with(.node("Tanh", ["x"], ["y"], name: "again")), ["again", "'y'"]),
    ("input twice", with(.input("x", [2])), ["'x'"]),
    ("constant twice", with(.initializer("c", [1], .rawFloats([1])), .initializer("c", [1], .rawFloats([1]))), ["'c'"]),
    ("constant without a name", with(.initializer("", [1], .rawFloats([1]))), ["no name"]),
    ("negative extent", with(.initializer("c", [-1], .rawFloats([1]))), ["'c'", "-1"]),
    ("2 GiB extents", with(.initializer("c", [1 << 29], .rawFloats([1]))), ["'c'", "4 bytes", "2147483648"]),
    (
      "overflowing extents", with(.initializer("c", [1 << 40, 1 << 40], .rawFloats([1]))), ["'c'", "impossible shape"]
    ),
    ("too few typed elements", with(.initializer("c", [3], .float(4, 1))), ["'c'", "1 elements", "3"]),
    ("no elements", with(.initializer("c", [3])), ["'c'"]),
    ("strings", with(.initializer("c", type: 8, [1])), ["'c'", "string"]),
    ("unknown type", with(.initializer("c", type: 99, [1])), ["'c'", "99"]),
    ("int4", with(.initializer("c", type: 22, [1], .blob(9, [1]))), ["'c'", "int4"]),
    ("segments", with(.initializer("c", [1], .message(3, .int(1, 0)), .rawFloats([1]))), ["'c'", "segments"]),
    ("sparse", with(.message(15)), ["sparse"]),
    ("external without a place", with(.initializer("c", [1], .int(14, 1))), ["'c'", "location"]),
    (
      "input that is no tensor",
      with(.message(11, .text(1, "q"), .message(2, .message(4))), .node("Relu", ["q"], ["z"])), ["'q'", "tensor"]
    ),
    ("input of strings", with(.input("q", type: 8, [2]), .node("Relu", ["q"], ["z"])), ["'q'", "string"]),
    ("impossible input", with(.input("q", [-7]), .node("Relu", ["q"], ["z"])), ["'q'", "-7"]),
    ("node without operator", with(.node("", ["x"], ["z"])), ["no operator"]),
    (
      "unsupported operators",
      with(
        .node("Foo", ["x"], ["a"]), .node("Foo", ["x"], ["b"]), .node("Loop", ["x"], ["c"]),
        .node("Bar", [], ["d"], domain: "my.own")),
      ["2 x Foo", "1 x Loop (control flow)", "1 x my.own.Bar"]
    ),
    ("too few inputs", [.node("Conv", [], ["y"], name: "n"), .output("y")], ["n", "inputs"]),
    ("left-out input", with(.node("PRelu", ["x", ""], ["z"], name: "n")), ["n", "inputs"]),
    (
      "attribute of another type", with(.node("Elu", ["x"], ["z"], name: "n", [.intAttribute("alpha", 1)])),
      ["n", "'alpha'", "number"]
    ),
    (
      "number out of range", with(.node("Softmax", ["x"], ["z"], name: "n", [.intAttribute("axis", 1 << 40)])),
      ["n", "'axis'", "out of range"]
    ),
    ("no kernel", with(.node("MaxPool", ["x"], ["z"], name: "n")), ["n", "'kernel_shape'"]),
    (
      "three axes", with(.node("MaxPool", ["x"], ["z"], name: "n", [.ints("kernel_shape", [2, 2, 2])])),
      ["n", "3 spatial axes"]
    ),
    (
      "second output",
      with(.node("MaxPool", ["x"], ["z", "i"], name: "n", [.ints("kernel_shape", [2, 2])]), .output("i")), ["n", "'i'"]
    ),
    ("no branches", with(.node("If", ["x"], ["z"], name: "n")), ["n", "'then_branch'"]),
    (
      "layouts of onnxruntime", with(.node("Conv", ["x", "x"], ["z"], domain: "com.microsoft.nchwc")),
      ["layout optimisation", "ORT_ENABLE_EXTENDED"]
    ),
    ("no equation", with(.node("Einsum", ["x"], ["z"], name: "n")), ["n", "'equation'"]),
  ]

  @Test func graphsAreRefused() {
    for (title, graph, words) in Self.graphs {
      expectRefusal(of: Proto.model(graph), title, words)
    }
  }

  /// A node as functions hold it: field 7.
  private func inFunction(_ op: String, _ inputs: [String], _ outputs: [String], domain: String = "") -> [UInt8] {
    [7 << 3 | 2] + Proto.node(op, inputs, outputs, domain: domain).bytes.dropFirst()
  }

  @Test func functionsAndVersionsAreRefused() {
    let function = { (body: [Proto]) in
      Proto.message(25, [.text(1, "Gelu2"), .text(4, "a"), .text(5, "b"), .text(10, "pkg")] + body)
    }
    let call: [Proto] = [.input("x", [2]), .node("Gelu2", ["x"], ["y"], domain: "pkg"), .output("y")]
    expectRefusal(of: Proto.model(extra: [function([])], call), "empty function", ["nothing computes its output 'y'"])
    let itself = Proto.raw(inFunction("Gelu2", ["a"], ["b"], domain: "pkg"))
    expectRefusal(
      of: Proto.model(extra: [function([itself])], call), "endless function", ["pkg.Gelu2", "calls itself"])
    let twice = ["p", "q"].map { Proto.raw(inFunction("Gelu2", ["a"], [$0], domain: "pkg")) }
    expectRefusal(of: Proto.model(extra: [function(twice)], call), "growing function", ["pkg.Gelu2", "calls itself"])
    // Functions without nodes of their own that call the next one a hundred times, fifteen deep.
    let chain = (0..<15).map { level in
      Proto.message(
        25,
        [.text(1, "F\(level)"), .text(10, "pkg")]
          + (0..<100).map { Proto.raw(inFunction("F\(level + 1)", [], ["v\(level)-\($0)"], domain: "pkg")) })
    }
    let last = Proto.message(25, .text(1, "F15"), .text(10, "pkg"))
    let first: [Proto] = [.input("x", [2]), .node("F0", ["x"], ["y"], domain: "pkg"), .output("y")]
    expectRefusal(of: Proto.model(extra: chain + [last], first), "many calls", ["called more than"])
    for opset in [0, 6, 99, -1] { expectRefusal(of: Proto.model(opset: opset, Self.relu), "opset", ["operator set"]) }
    expectRefusal(of: Proto(.int(1, 8), .message(7, Self.relu)).bytes, "none", ["no ONNX operator set"])
    expectRefusal(of: Proto(.int(1, 8), .message(8, .int(2, 13))).bytes, "no graph", ["graph"])
  }

  @Test func brokenEncodingsAreRefused() {
    let cases: [(String, [UInt8])] = [
      ("length beyond the file", [0x3A] + Proto.varint(2 << 30) + [1, 2, 3]),
      ("length of 2^63", [0x3A] + Proto.varint(1 << 63)),
      ("length of 2^64 - 1", [0x3A] + Proto.varint(.max)),
      ("varint over 64 bits", [0x08] + [UInt8](repeating: 0xFF, count: 10)),
      ("endless varint", [0x08] + [UInt8](repeating: 0x80, count: 64)),
      ("field 0", [0x00, 0x00]), ("group", [0x0B, 0x0C]), ("half a float", [0x15, 0, 0]),
      ("graph as a number", [0x38, 0x01]),
    ]
    for (title, bytes) in cases { expectRefusal(of: bytes, title, ["not an ONNX file"]) }
    expectRefusal(of: Self.deepNesting, "deep nesting", ["operator set"])
  }

  /// Graphs in graphs, nested so deep that a recursive reader would overflow its stack.
  private static var deepNesting: [UInt8] {
    var inner: [UInt8] = []
    for _ in 0..<2000 { inner = Proto.blob(7, inner).bytes }
    return inner
  }

  @Test func otherFilesAreNamed() throws {
    let files: [(String, [UInt8], String)] = [
      ("notes.onnx", Array("This is text.\n".utf8), "it is text"), ("empty.onnx", [], "is empty"),
      ("pointer.onnx", Array("version https://git-lfs.github.com/spec/v1\noid".utf8), "git lfs pull"),
      ("model.pt", [0x50, 0x4B, 3, 4, 0, 0], "zip archive"), ("p.png", [0x89, 0x50, 0x4E, 0x47, 13, 10], "PNG"),
    ]
    try TestData.withTemporaryFolder { folder in
      for (name, bytes, words) in files {
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        expectRefusal(of: url, [url.path, words])
      }
      expectRefusal(of: folder, [folder.path, "is a folder"])
      expectRefusal(of: folder.appendingPathComponent("nothing.onnx"), ["No such file"])
      let fifo = folder.appendingPathComponent("fifo.onnx")
      #expect(mkfifo(fifo.path, 0o600) == 0)
      expectRefusal(of: fifo, ["not a regular file"])
    }
  }

  private func expectRefusal(of url: URL, _ words: [String]) {
    expectSentence(words, url.lastPathComponent) { try importModel(at: url.path) }
  }

  private func expectRefusal(of bytes: [UInt8], _ title: String, _ words: [String]) {
    expectSentence(["some.onnx"] + words, title) { try importModel(bytes: bytes, name: "some.onnx") }
  }
}

/// Expects a `ModelError` of one line that holds all these words.
func expectSentence(_ words: [String], _ title: String, _ body: () throws -> ImportedModel) {
  do {
    _ = try body()
    Issue.record("\(title): accepted")
  } catch let error as ModelError {
    #expect(!error.description.contains("\n"), "\(title)")
    for word in words { #expect(error.description.contains(word), "\(title): \(error)") }
  } catch {
    Issue.record("\(title): \(error)")
  }
}
