import Settings
import TOML
import Telemetry

/// What the reader of a configuration, its documentation and its tests know of a key.
package protocol KeySpec: Sendable {
  var name: String { get }
  /// One sentence in lower case, without a period.
  var help: String { get }
  /// The value, as TOML writes it, that holds where the key is absent; nil where there is none.
  var standard: String? { get }
  /// A value as an example, as TOML writes it, for a key without a default.
  var example: String? { get }
  var isRequired: Bool { get }
  /// The value of a node. Throws a sentence for one that means none.
  func read(_ node: TOMLNode) throws -> any Sendable
  /// The value of a word, as environment variables give it.
  func read(word: String) throws -> any Sendable
}

/// A key of the configuration and the type of its value: `section[key]` is what the file says, or else the default.
package struct Key<Value: Sendable>: KeySpec {
  package let name: String, help: String
  package let standard: String?, example: String?
  package let isRequired: Bool
  private let shape: Shape
  private let reader: @Sendable (String) throws -> any Sendable
  /// The key's value from those of all the words that were given for it; nil where the key is absent.
  let resolve: @Sendable ([any Sendable]?) -> Value

  /// Which values of TOML it takes.
  private enum Shape { case word, number, boolean, list, wordOrList }

  package func read(_ node: TOMLNode) throws -> any Sendable {
    switch (shape, node.value) {
    case (.list, .list(let nodes)), (.wordOrList, .list(let nodes)):
      return try nodes.map { try reader(word(of: $0, .word)) }
    case (.list, _): throw wrong(node)
    case (.wordOrList, _): return [try reader(word(of: node, .word))]
    default: return [try reader(word(of: node, shape))]
    }
  }

  package func read(word: String) throws -> any Sendable {
    guard shape == .list || shape == .wordOrList else { return [try reader(word)] }
    return try word.split(separator: ",").map { try reader(String($0)) }
  }

  private func word(of node: TOMLNode, _ shape: Shape) throws -> String {
    switch (shape, node.value) {
    case (.word, .text(let text)): return text
    case (.number, .integer(let number)): return String(number)
    case (.number, .number(let number?)):
      return number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    case (.boolean, .boolean(let isTrue)): return String(isTrue)
    default: throw wrong(node)
    }
  }

  private func wrong(_ node: TOMLNode) -> UserError {
    let wanted =
      switch shape {
      case .word: "a text in quotes"
      case .number: "a number"
      case .boolean: "true or false"
      case .list: "a list of texts"
      case .wordOrList: "a text in quotes or a list of them"
      }
    return UserError("\(wanted) is needed, not \(node.kind)", .configuration)
  }
}

extension Key {
  private init<Element>(
    _ name: String, _ kind: ValueKind<Element>, shape: Shape? = nil, standard: String?, example: String?,
    isRequired: Bool = false, _ help: String, resolve: @escaping @Sendable ([any Sendable]?) -> Value
  ) {
    (self.name, self.help, self.standard, self.example) = (name, help, standard, example)
    (self.isRequired, self.resolve) = (isRequired, resolve)
    let isNumber = Element.self is any BinaryInteger.Type || Element.self is any BinaryFloatingPoint.Type
    self.shape = shape ?? (Element.self == Bool.self ? .boolean : isNumber ? .number : .word)
    reader = { try kind.read($0) }
  }

  /// A default as TOML writes it.
  private static func literal<Element>(_ value: Element, _ kind: ValueKind<Element>) -> String {
    let isPlain =
      Element.self is any BinaryInteger.Type || Element.self is any BinaryFloatingPoint.Type
      || Element.self == Bool.self
    return isPlain ? kind.word(value) : "\"\(kind.word(value))\""
  }

  /// A key with a default.
  package init(_ name: String, _ kind: ValueKind<Value>, default value: Value, _ help: String) {
    self.init(name, kind, standard: Self.literal(value, kind), example: nil, help) { $0?.last as? Value ?? value }
  }

  /// A key without a default: nil when it is absent.
  package init<Wrapped>(_ name: String, _ kind: ValueKind<Wrapped>, example: String, _ help: String)
  where Value == Wrapped? {
    self.init(name, kind, standard: nil, example: example, help) { $0?.last as? Wrapped }
  }

  /// A key that every section must have. `stand-in` holds where it is missing, which is reported.
  package init(_ name: String, required kind: ValueKind<Value>, standIn: Value, example: String, _ help: String) {
    self.init(name, kind, standard: nil, example: example, isRequired: true, help) { $0?.last as? Value ?? standIn }
  }

  /// A key with a list of values, none by default.
  package init<Element>(_ name: String, list kind: ValueKind<Element>, example: String, _ help: String)
  where Value == [Element] {
    self.init(name, kind, shape: .list, standard: nil, example: example, help) {
      $0?.compactMap { $0 as? Element } ?? []
    }
  }

  /// A key with one value or a list of them, none by default.
  package init<Element>(_ name: String, oneOrMore kind: ValueKind<Element>, example: String, _ help: String)
  where Value == [Element] {
    self.init(name, kind, shape: .wordOrList, standard: nil, example: example, help) {
      $0?.compactMap { $0 as? Element } ?? []
    }
  }
}

/// A table of the configuration: `[viewer]`, or `[[camera]]`, of which there may be many.
package struct SectionSpec: Sendable {
  package let name: String
  package let isRepeated: Bool
  package let help: String
  package let keys: [any KeySpec]
  /// Tables inside each of these tables.
  package let inner: [SectionSpec]

  package init(
    _ name: String, isRepeated: Bool = false, _ help: String, keys: [any KeySpec], inner: [SectionSpec] = []
  ) {
    (self.name, self.isRepeated, self.help, self.keys, self.inner) = (name, isRepeated, help, keys, inner)
  }
}
