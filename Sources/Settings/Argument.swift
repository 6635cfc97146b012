/// What help and parser know of a positional argument.
package protocol ArgumentSpec: Sendable {
  /// In capitals, as in INPUT.
  var name: String { get }
  /// One sentence in lower case, without a period.
  var help: String { get }
  /// The command works without it.
  var isOptional: Bool { get }
  /// It may be given more than once; only the last argument of a command.
  var repeats: Bool { get }
  /// The value of a word. Throws a sentence for a word that means none.
  func read(_ word: String) throws -> any Sendable
}

/// A positional argument of a command and the type of its value.
package struct Argument<Value: Sendable>: ArgumentSpec {
  package let name: String, help: String
  package let isOptional: Bool, repeats: Bool
  private let reader: @Sendable (String) throws -> any Sendable
  /// The argument's value from those of all the words that were given for it; nil only where the parser would have thrown.
  let resolve: @Sendable ([any Sendable]) -> Value?

  package func read(_ word: String) throws -> any Sendable { try reader(word) }

  /// An argument that must be there.
  package init(_ name: String, _ kind: ValueKind<Value>, _ help: String) {
    (self.name, self.help, isOptional, repeats, reader) = (name, help, false, false, kind.read)
    resolve = { $0.last as? Value }
  }

  package init<Wrapped>(_ name: String, optional kind: ValueKind<Wrapped>, _ help: String) where Value == Wrapped? {
    (self.name, self.help, isOptional, repeats, reader) = (name, help, true, false, kind.read)
    resolve = { .some($0.last as? Wrapped) }
  }

  package init<Element>(_ name: String, repeated kind: ValueKind<Element>, _ help: String) where Value == [Element] {
    (self.name, self.help, isOptional, repeats, reader) = (name, help, false, true, kind.read)
    resolve = { $0.compactMap { $0 as? Element } }
  }
}
