import Settings

/// `fovea man`: the manual page.
enum ManCommand: Command {
  static let spec = CommandSpec(
    name: "man", summary: "print the manual page in roff",
    examples: [("fovea man | man -l -", "reads it")])

  static func run(_ arguments: ParsedArguments) throws {
    try Terminal.writeOut(
      manPage(
        program: Program.name, summary: Program.summary, version: Program.version,
        commands: Program.commands.map { $0.spec }, variables: Program.variables))
  }
}
