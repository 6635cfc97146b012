/// What help, man page, completions and parser know of an option.
package protocol OptionSpec: Sendable {
  /// The name after `--`.
  var name: String { get }
  /// One letter after `-`, for the few options that deserve one.
  var short: Character? { get }
  /// The heading under which the help lists it.
  var section: String { get }
  /// One sentence in lower case, without a period.
  var help: String { get }
  /// What stands for the value in the help; nil for an option that stands alone.
  var placeholder: String? { get }
  /// Every possible word, where there is a list of them.
  var words: [String] { get }
  /// What holds when the option is absent; nil when that is obvious.
  var standard: String? { get }
  /// It may be given more than once.
  var repeats: Bool { get }
  /// One word may hold several values, separated by commas.
  var separatesAtCommas: Bool { get }
  /// The value of a word. Throws a sentence for a word that means none.
  func read(_ word: String) throws -> any Sendable
}

/// An option of a command and the type of its value: `arguments[option]` is what the user wrote, or else the default.
package struct Option<Value: Sendable>: OptionSpec {
  package let name: String
  package let short: Character?
  package let section: String, help: String
  package let placeholder: String?
  package let words: [String]
  package let standard: String?
  package let repeats: Bool
  package let separatesAtCommas: Bool
  private let reader: @Sendable (String) throws -> any Sendable
  /// The option's value from those of all the words that were given for it.
  let resolve: @Sendable ([any Sendable]) -> Value

  package func read(_ word: String) throws -> any Sendable { try reader(word) }

  private init<Element>(
    _ name: String, _ kind: ValueKind<Element>?, _ short: Character?, _ section: String, _ standard: String?,
    _ help: String, repeats: Bool = false, resolve: @escaping @Sendable ([any Sendable]) -> Value
  ) {
    (self.name, self.short, self.section, self.help) = (name, short, section, help)
    (placeholder, words, self.standard, self.repeats) = (kind?.placeholder, kind?.words ?? [], standard, repeats)
    separatesAtCommas = repeats && kind?.hasCommas == false
    reader = { word in try kind?.read(word) ?? true }
    self.resolve = resolve
  }
}

extension Option {
  /// An option with a default, which the help shows; `standard` says it in other words.
  package init(
    _ name: String, _ kind: ValueKind<Value>, default value: Value, standard: String? = nil, short: Character? = nil,
    section: String = "Options", _ help: String
  ) {
    self.init(name, kind, short, section, standard ?? kind.word(value), help) { $0.last as? Value ?? value }
  }

  /// An option without a default: nil when it is absent. `standard` says what holds then.
  package init<Wrapped>(
    _ name: String, _ kind: ValueKind<Wrapped>, standard: String? = nil, short: Character? = nil,
    section: String = "Options", _ help: String
  ) where Value == Wrapped? {
    self.init(name, kind, short, section, standard, help) { $0.last as? Wrapped }
  }

  package init<Element>(
    _ name: String, repeated kind: ValueKind<Element>, default list: [Element] = [], standard: String? = nil,
    short: Character? = nil, section: String = "Options", _ help: String
  ) where Value == [Element] {
    let words = list.isEmpty ? nil : list.map(kind.word).joined(separator: ",")
    self.init(name, kind, short, section, standard ?? words, help, repeats: true) { given in
      given.isEmpty ? list : given.compactMap { $0 as? Element }
    }
  }

  /// An option that stands alone: true when it is given.
  package init(_ name: String, short: Character? = nil, section: String = "Options", _ help: String)
  where Value == Bool {
    self.init(name, ValueKind<Bool>?.none, short, section, nil, help) { !$0.isEmpty }
  }
}
