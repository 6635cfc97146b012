import Service
import Settings

/// `fovea man`: the manual pages.
enum ManCommand: Command {
  static let spec = CommandSpec(
    name: "man", summary: "print a manual page in roff", arguments: [page],
    examples: [
      ("fovea man | man -l -", "reads it"), ("fovea man fovea.toml | man -l -", "the configuration of the service"),
    ])

  private static let page = Argument(
    "PAGE", optional: ValueKind<Page>.choice, "fovea, of all commands, or fovea.toml, of the service's configuration")

  private enum Page: String, CaseIterable, Sendable {
    case program = "fovea"
    case configuration = "fovea.toml"
  }

  static func run(_ arguments: ParsedArguments) throws {
    if arguments[page] == .configuration {
      return try Terminal.writeOut(ConfigurationDocument.manual(version: Program.version))
    }
    try Terminal.writeOut(
      manPage(
        program: Program.name, summary: Program.summary, version: Program.version,
        commands: Program.commands.map { $0.spec }, variables: Program.variables))
  }
}
