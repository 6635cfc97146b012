import Settings

/// `fovea completions`: a script for the shell.
enum CompletionsCommand: Command {
  static let spec = CommandSpec(
    name: "completions", summary: "print a completion script for bash",
    examples: [("source <(fovea completions)", "completes commands and options in this shell")])

  static func run(_ arguments: ParsedArguments) throws {
    try Terminal.writeOut(bashCompletions(program: Program.name, commands: Program.commands.map { $0.spec }))
  }
}
