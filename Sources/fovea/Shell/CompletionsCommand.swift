import Settings

/// `fovea completions`: a script for the shell.
enum CompletionsCommand: Command {
  static let shell = Argument("SHELL", optional: ValueKind<CompletionShell>.choice, "bash (the default), zsh or fish")

  static let spec = CommandSpec(
    name: "completions", summary: "print a completion script for bash, zsh or fish", arguments: [shell],
    examples: [
      ("source <(fovea completions)", "completes commands and options in this bash"),
      ("source <(fovea completions zsh)", "the same in zsh"),
      ("fovea completions fish | source", "the same in fish"),
    ])

  static func run(_ arguments: ParsedArguments) throws {
    let shell = arguments[shell] ?? .bash
    try Terminal.writeOut(shell.script(program: Program.name, commands: Program.commands.map { $0.spec }))
  }
}
