import Inference
import Telemetry

/// Finds the layers that `--layer` names: by number in `fovea inspect`, by ONNX value name, or by node name.
package func chooseLayers(_ wanted: [String], in graph: Graph) throws -> [LayerSummary] {
  let layers = GraphSummary(graph).layers
  return try wanted.map { word in
    if let number = Int(word) {
      if let layer = layers.first(where: { $0.index == number }) { return layer }
      throw UserError(
        "there is no layer \(number): the model has layers 0 to \(layers.count - 1). 'fovea inspect' lists them.",
        .usage)
    }
    if let layer = layers.first(where: { $0.value == word || $0.name == word }) { return layer }
    let hint = suggestion(for: word, among: layers.map(\.value) + layers.map(\.name))
    throw UserError("the model has no layer '\(word)'\(hint). 'fovea inspect' lists them.", .usage)
  }
}
