/// One subcommand as the user sees it: the table that help, man page, completions and parser all read.
package struct CommandSpec: Sendable {
  /// The word after `fovea`.
  package let name: String
  /// What it does, in one line.
  package let summary: String
  /// What a new user needs to know beyond the options, in paragraphs.
  package let discussion: String
  /// Positional arguments in order.
  package let arguments: [any ArgumentSpec]
  /// Options in the order of the help.
  package let options: [any OptionSpec]
  /// Command lines with what they do.
  package let examples: [(command: String, meaning: String)]

  package init(
    name: String, summary: String, discussion: String = "", arguments: [any ArgumentSpec] = [],
    options: [any OptionSpec] = [], examples: [(command: String, meaning: String)] = []
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

  package init(_ name: String, _ meaning: String) { (self.name, self.meaning) = (name, meaning) }
}
