import Inference
import Tensors

@testable import ONNX

/// libFuzzer's entry: imports the bytes as a model, settles the types, and runs what is small enough by the reference.
/// Everything that throws is fine; traps, leaks, hangs and bad accesses are what is looked for.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzONNX(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let bytes = UnsafeBufferPointer(start: data, count: data == nil ? 0 : size)
  do { try exercise(bytes) } catch { precondition(!"\(error)".isEmpty) }
  return 0
}

private func exercise(_ bytes: UnsafeBufferPointer<UInt8>) throws {
  let model = try importModel(bytes: bytes, name: "fuzz")
  var shapes: [String: Shape] = [:]
  for input in model.graph.inputs {
    shapes[model.graph.values[input.value].name] = Shape(
      (input.extents ?? []).map { if case .fixed(let extent) = $0 { extent } else { 2 } })
  }
  let graph = try model.graph.specialized(inputs: shapes)
  let count = graph.values.reduce(0) { $0 + min($1.type?.shape.count ?? 0, 1 << 20) }
  guard count < 20_000 else { return }
  let feeds = graph.inputs.map { input in
    (graph.values[input.value].name, Tensor(input.element, graph.values[input.value].type?.shape ?? []))
  }
  _ = try interpret(graph, Dictionary(feeds) { $1 })
}
