/// A command line that obeys its `CommandSpec`.
package struct ParsedArguments: Sendable {
  private let spec: CommandSpec
  /// By the argument's name.
  private let positionals: [String: [any Sendable]]
  /// By the option's name.
  private let options: [String: [any Sendable]]

  init(spec: CommandSpec, positionals: [String: [any Sendable]], options: [String: [any Sendable]]) {
    (self.spec, self.positionals, self.options) = (spec, positionals, options)
  }

  /// The value of a positional argument.
  package subscript<Value>(argument: Argument<Value>) -> Value {
    guard let value = argument.resolve(positionals[argument.name] ?? []) else {
      preconditionFailure("\(spec.name) has no argument \(argument.name)")
    }
    return value
  }

  /// The option's value, else its default.
  package subscript<Value>(option: Option<Value>) -> Value { option.resolve(given(option)) }

  /// True when the option was given.
  package func has(_ option: any OptionSpec) -> Bool { !given(option).isEmpty }

  private func given(_ option: any OptionSpec) -> [any Sendable] {
    precondition(spec.options.contains { $0.name == option.name }, "\(spec.name) has no option --\(option.name)")
    return options[option.name] ?? []
  }
}
