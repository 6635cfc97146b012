import Inference
import Telemetry

/// Finds the layers that `--layer` names: by ONNX value name, by node name, or by number in `fovea inspect`. A name that is a number, as
/// older exporters wrote them, comes before the layer of that number.
package func chooseLayers(_ wanted: [String], in graph: Graph) throws -> [LayerSummary] {
  let layers = GraphSummary(graph).layers
  return try wanted.map { word in
    if let layer = layers.first(where: { $0.value == word }) ?? layers.first(where: { $0.name == word }) {
      return layer
    }
    if let number = Int(word) {
      if let layer = layers.first(where: { $0.index == number }) { return layer }
      throw UserError(
        "there is no layer \(number): the model has layers 0 to \(layers.count - 1). 'fovea inspect' lists them.",
        .usage)
    }
    let hint = suggestion(for: word, among: layers.map(\.value) + layers.map(\.name))
    throw UserError("the model has no layer '\(word)'\(hint). 'fovea inspect' lists them.", .usage)
  }
}
