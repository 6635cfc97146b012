import Telemetry

/// A command line that obeys its `CommandSpec`: every value has been checked against its kind.
package struct ParsedArguments: Sendable {
  /// The command it was parsed for.
  package let spec: CommandSpec
  /// Values of positional arguments that were given, in order.
  package let positionals: [String]
  private let values: [String: [String]]

  init(spec: CommandSpec, positionals: [String], values: [String: [String]]) {
    (self.spec, self.positionals, self.values) = (spec, positionals, values)
  }

  /// The positional argument with this name, or nil when it was left out.
  package func argument(_ name: String) -> String? {
    guard let index = spec.arguments.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(spec.name) has no argument \(name)")
    }
    return index < positionals.count ? positionals[index] : nil
  }

  /// True when the option was given.
  package func has(_ option: String) -> Bool { !all(option).isEmpty }

  /// The option's value; the last when it was given more than once.
  package func text(_ option: String) -> String? { all(option).last }

  /// Every value of an option that repeats, in order.
  package func all(_ option: String) -> [String] {
    precondition(spec.options.contains { $0.name == option }, "\(spec.name) has no option --\(option)")
    return values[option] ?? []
  }

  /// The option's value as a whole number.
  package func integer(_ option: String) -> Int? { text(option).flatMap { Int($0) } }

  /// The option's value as a number.
  package func number(_ option: String) -> Double? { text(option).flatMap { Double($0) } }

  /// The option's value as seconds.
  package func seconds(_ option: String) -> Double? { text(option).flatMap(parseTime) }
}

/// Seconds from `90`, `1.5`, `1:30` or `0:01:30.5`; nil for anything else.
package func parseTime(_ text: String) -> Double? {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard (1...3).contains(parts.count) else { return nil }
  var seconds = 0.0
  for (index, part) in parts.enumerated() {
    guard let value = Double(part), value.isFinite, value >= 0, value < 1e9 else { return nil }
    let isLast = index == parts.count - 1
    // Minutes and seconds after a colon run to 59; only seconds have a fraction.
    guard isLast || value == value.rounded(), index == 0 || value < 60 else { return nil }
    seconds = seconds * 60 + value
  }
  return seconds
}
