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

  /// The targets that a word names, separated by commas. A name may hold commas itself: the longest one that there is counts.
  package static func list(_ word: String, of model: Model) throws -> [NamedTarget] {
    var (found, rest) = ([NamedTarget](), word.split(separator: ",", omittingEmptySubsequences: false)[...])
    while !rest.isEmpty {
      let longest = stride(from: rest.count, to: 1, by: -1).lazy.compactMap { count in
        (try? NamedTarget(joined(rest.prefix(count)), of: model)).map { ($0, count) }
      }.first
      let (target, count) = try longest ?? (NamedTarget(joined(rest.prefix(1)), of: model), 1)
      found.append(target)
      rest = rest.dropFirst(count)
    }
    return found
  }

  /// Without the blanks around it.
  private static func joined(_ parts: ArraySlice<Substring>) -> String {
    let text = parts.joined(separator: ",").drop { $0 == " " }
    return String(text.reversed().drop { $0 == " " }.reversed())
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
