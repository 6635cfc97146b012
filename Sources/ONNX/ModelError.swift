/// Why a model file cannot be used: one sentence that names the file, the node and the attribute where it can.
package struct ModelError: Error, CustomStringConvertible, Sendable {
  /// The sentence. Always one line: names from the file may hold anything.
  package let description: String

  /// An error with this sentence, control characters replaced and what is too long for a terminal cut.
  package init(_ description: String) {
    let printable = description.unicodeScalars.lazy.map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "?"
      default: Character(scalar)
      }
    }
    let text = String(printable.prefix(Self.longest))
    self.description = text.unicodeScalars.count < Self.longest ? text : text + "…"
  }

  private static let longest = 4000
}
