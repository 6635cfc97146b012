import Explanations
import Models
import Tensors

/// A target as the user wrote it.
package struct NamedTarget: Sendable {
  package let text: String
  package let target: Target

  /// Throws with the nearest class or layer.
  package init(_ text: String, of model: Model) throws {
    self.text = text
    let count = model.graph.values[model.graph.outputs[model.outputIndex]].type?.shape.count ?? 0
    target = try Target(text, labels: (0..<count).map { model.labels[$0] }) { name in
      try chooseLayers([name], in: model.graph)[0].value
    }
  }

  /// The name of an explained target, for users.
  package func name(_ choice: TargetChoice, _ labels: Labels) -> String {
    switch choice {
    case .classes(let index, nil): labels[index]
    case .classes(let index, let other?): "\(labels[index]) minus \(labels[other])"
    case .values, .norm: text
    }
  }
}
