import Foundation
import Settings
import Telemetry

/// One subcommand: its line in the table, and what it does.
protocol Command {
  /// How the user sees it.
  static var spec: CommandSpec { get }
  /// Does the work. Throws errors for the user as sentences.
  static func run(_ arguments: ParsedArguments) throws
}

/// The program: finds the subcommand and turns errors into sentences and exit statuses.
enum Program {
  static let name = "fovea"
  static let version = programVersion
  static let summary = "fovea shows what a convolutional network sees in every frame of a video"

  static var commands: [any Command.Type] {
    [
      AnnotateCommand.self, ViewCommand.self, ExplainCommand.self, ServeCommand.self, ReloadCommand.self,
      EventsCommand.self, MethodsCommand.self, DevicesCommand.self,
      InspectCommand.self,
      BenchCommand.self, CompletionsCommand.self, ManCommand.self,
    ]
  }

  /// Every environment variable that the program itself reads.
  static let variables = [
    VariableSpec("FOVEA_MODEL", "the model of 'fovea annotate' unless --model names one"),
    VariableSpec(
      "FOVEA_ISA",
      "the instruction set of all kernels (scalar, avx2, avx512 or neon) instead of the best that the CPU has; "
        + "--isa wins over it for the engine's"),
    VariableSpec(
      "XDG_CACHE_HOME", "the folder of caches, ~/.cache unless set; measured choices are kept in fovea/ there"),
  ]

  /// Runs the command line and returns the exit status.
  static func run(_ words: [String]) -> Int32 {
    do {
      try dispatch(words)
      return Signals.exitStatus ?? 0
    } catch {
      let known = error as? UserError
      let status = report(known?.description ?? "\(error)", known?.kind ?? .failed)
      return Signals.exitStatus ?? status
    }
  }

  /// Every error is a sentence, with its full stop.
  private static func report(_ sentence: String, _ kind: UserError.Kind) -> Int32 {
    // Names in foreign files may hold control characters, which a terminal would obey.
    let line = String(
      sentence.map { $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? $0 : " " }
    ).replacing("'?. ", with: "'? ")
    Log.error(line.hasSuffix(".") || line.hasSuffix("?") ? line : line + ".")
    return kind.rawValue
  }

  private static func dispatch(_ words: [String]) throws {
    guard let word = words.first else {
      throw UserError("a command is missing. See 'fovea --help'.", .usage)
    }
    switch word {
    case "--help", "-h", "help":
      if words.count > 1 { return try showHelp(of: words[1]) }
      try Terminal.writeOut(helpText(program: name, summary: summary + ".", commands: commands.map { $0.spec }))
    case "--version", "-V":
      try Terminal.writeOut("\(name) \(version)\n")
    default:
      let command = try command(named: word)
      let rest = Array(words.dropFirst())
      if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        return try showHelp(of: word)
      }
      let arguments = try parse(rest, for: command.spec)
      AddressSpace.watch()
      try AddressSpace.require(96 << 20, "to begin")
      try command.run(arguments)
    }
  }

  private static func showHelp(of word: String) throws {
    try Terminal.writeOut(helpText(for: command(named: word).spec))
  }

  private static func command(named word: String) throws -> any Command.Type {
    if let command = commands.first(where: { $0.spec.name == word }) { return command }
    let hint = suggestion(for: word, among: commands.map { $0.spec.name })
    throw UserError("there is no command '\(word)'\(hint). See 'fovea --help'.", .usage)
  }
}
