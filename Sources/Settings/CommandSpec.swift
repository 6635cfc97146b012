/// What an option's value may be.
package enum ValueKind: Sendable, Equatable {
  /// The option stands alone.
  case flag
  /// Any text; the placeholder names it in the help.
  case text(String)
  /// A file's name, which shells may complete.
  case file
  /// A whole number in the range.
  case integer(ClosedRange<Int>)
  /// A number in the range.
  case number(ClosedRange<Double>)
  /// One of these words.
  case choice([String])
  /// Seconds, or [hours:]minutes:seconds.
  case time

  /// What stands for the value in the help.
  package var placeholder: String {
    switch self {
    case .flag: ""
    case .text(let name): name
    case .file: "FILE"
    case .integer, .number: "N"
    case .choice(let words): words.joined(separator: "|")
    case .time: "TIME"
    }
  }
}

/// One option of a command: the line in the table that help, man page, completions and parser all read.
package struct OptionSpec: Sendable {
  /// The name after `--`.
  package let name: String
  /// One letter after `-`, for the few options that deserve one.
  package let short: Character?
  /// What its value may be.
  package let kind: ValueKind
  /// One sentence in lower case, without a period.
  package let help: String
  /// The heading under which the help lists it.
  package let section: String
  /// What holds when the option is absent, in words; nil when that is obvious.
  package let standard: String?
  /// It may be given more than once, or with values separated by commas.
  package let repeats: Bool

  /// A line of the table for an option that stands alone.
  package init(_ name: String, short: Character? = nil, section: String = "Options", _ help: String) {
    self.init(name, .flag, short: short, section: section, help)
  }

  /// A line of the table.
  package init(
    _ name: String, _ kind: ValueKind, short: Character? = nil, section: String = "Options",
    standard: String? = nil, repeats: Bool = false, _ help: String
  ) {
    (self.name, self.kind, self.short, self.section) = (name, kind, short, section)
    (self.standard, self.repeats, self.help) = (standard, repeats, help)
  }
}

/// A positional argument of a command.
package struct ArgumentSpec: Sendable {
  /// In capitals, as in INPUT.
  package let name: String
  /// One sentence in lower case, without a period.
  package let help: String
  /// The command works without it.
  package let isOptional: Bool
  /// It may be given more than once; only the last argument of a command.
  package let repeats: Bool

  /// A positional argument.
  package init(_ name: String, isOptional: Bool = false, repeats: Bool = false, _ help: String) {
    (self.name, self.isOptional, self.repeats, self.help) = (name, isOptional, repeats, help)
  }
}

/// One subcommand as the user sees it.
package struct CommandSpec: Sendable {
  /// The word after `fovea`.
  package let name: String
  /// What it does, in one line.
  package let summary: String
  /// What a stranger needs to know beyond the options, in paragraphs.
  package let discussion: String
  /// Positional arguments in order.
  package let arguments: [ArgumentSpec]
  /// Options in the order of the help.
  package let options: [OptionSpec]
  /// Command lines with what they do.
  package let examples: [(command: String, meaning: String)]

  /// A subcommand.
  package init(
    name: String, summary: String, discussion: String = "", arguments: [ArgumentSpec] = [],
    options: [OptionSpec] = [], examples: [(command: String, meaning: String)] = []
  ) {
    (self.name, self.summary, self.discussion) = (name, summary, discussion)
    (self.arguments, self.options, self.examples) = (arguments, options, examples)
  }
}

/// An environment variable that the program reads.
package struct VariableSpec: Sendable {
  /// In capitals.
  package let name: String
  /// What it does, in lower case, without a period at the end.
  package let meaning: String

  /// A variable.
  package init(_ name: String, _ meaning: String) { (self.name, self.meaning) = (name, meaning) }
}
