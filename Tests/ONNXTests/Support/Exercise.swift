import Inference
import Tensors

@testable import ONNX

/// Imports the bytes as a model, settles the types, and runs what is small enough by the reference and by the kernels.
/// Whatever is wrong with the bytes throws.
func exercise(_ bytes: some Collection<UInt8>) throws {
  let model = try importModel(bytes: bytes, name: "damaged")
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
  // The kernels must hold to the same bounds as the reference.
  try CompiledNetwork(graph, inputShapes: shapes, options: NetworkOptions(threads: 1)).session().run()
}
