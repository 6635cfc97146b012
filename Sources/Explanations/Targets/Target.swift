import Telemetry

/// One of a network's classes.
package enum ClassChoice: Hashable, Sendable {
  /// The best of a picture's classes is 0, the next one 1.
  case rank(Int)
  case index(Int)
}

/// The number that an explanation explains, apart from the method that explains it.
package enum Target: Hashable, Sendable {
  /// The score of a class, minus that of another one when given: what speaks for the one rather than for the other.
  case score(ClassChoice, minus: ClassChoice?)
  /// The mean of a layer's channel over its positions.
  case channel(layer: String, Int)
  /// One value of a layer's channel; at its strongest position when none is given.
  case unit(layer: String, channel: Int, position: Position?)
  /// The Euclidean norm of all values of a layer.
  case norm(layer: String)

  /// A row and a column of a layer.
  package struct Position: Hashable, Sendable {
    package let y: Int, x: Int

    package init(y: Int, x: Int) { (self.y, self.x) = (y, x) }
  }

  /// The best class of each picture.
  package static let top = Target.score(.rank(0), minus: nil)

  /// How users write targets.
  package static let syntax =
    "top, second, a class by name or index, 'A minus B', channel:LAYER:K, unit:LAYER:K[:Y:X] or norm:LAYER"

  /// The layer that it is about; nil for class scores.
  package var layer: String? {
    switch self {
    case .score: nil
    case .channel(let layer, _), .unit(let layer, _, _), .norm(let layer): layer
    }
  }
}

extension Target {
  /// Reads what a user wrote.
  /// - Parameters:
  ///   - labels: the names of the classes, one for each score.
  ///   - layer: the ONNX name of a layer that the user named by number, node or value; throws for one that is not there.
  /// - Throws: `UserError` with the nearest class.
  package init(_ text: String, labels: [String], layer: (String) throws -> String) throws {
    if let colon = text.firstIndex(of: ":"), ["channel", "unit", "norm"].contains(text[..<colon]) {
      self = try Self.part(String(text[..<colon]), String(text[text.index(after: colon)...]), of: text, layer)
      return
    }
    if let words = text.firstRange(of: " minus "), !labels.contains(text) {
      self = .score(
        try Self.choice(String(text[..<words.lowerBound]), labels),
        minus: try Self.choice(String(text[words.upperBound...]), labels))
      return
    }
    self = .score(try Self.choice(text, labels), minus: nil)
  }

  private static func choice(_ text: String, _ labels: [String]) throws -> ClassChoice {
    switch text {
    case "top", "first": return .rank(0)
    case "second": return .rank(1)
    default: break
    }
    if let index = Int(text) {
      if labels.indices.contains(index) { return .index(index) }
      throw UserError("there is no class \(index): the model has classes 0 to \(labels.count - 1).", .usage)
    }
    let wanted = text.lowercased()
    if let index = labels.firstIndex(of: text) ?? labels.firstIndex(where: { $0.lowercased() == wanted }) {
      return .index(index)
    }
    let hint = suggestion(for: text, among: labels)
    throw UserError(
      "the model has no class '\(text)'\(hint.isEmpty ? "; a target is \(syntax)" : hint).", .usage)
  }

  private static func part(
    _ kind: String, _ rest: String, of text: String, _ layer: (String) throws -> String
  ) throws -> Target {
    if kind == "norm" { return .norm(layer: try layer(rest)) }
    var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    var numbers: [Int] = []
    // Layers' names may hold colons: the numbers are what stands at the end.
    let most = kind == "channel" ? 1 : 3
    while parts.count > 1, numbers.count < most, let number = parts.last.flatMap({ Int($0) }) {
      numbers.insert(number, at: 0)
      parts.removeLast()
    }
    guard numbers.count == 1 || numbers.count == most, numbers.allSatisfy({ $0 >= 0 }) else {
      throw UserError(
        "'\(text)': \(kind == "channel" ? "channel:LAYER:K" : "unit:LAYER:K or unit:LAYER:K:Y:X") is needed, such as "
          + "\(kind):12:5\(kind == "unit" ? ":3:4" : "").", .usage)
    }
    let name = try layer(parts.joined(separator: ":"))
    if kind == "channel" { return .channel(layer: name, numbers[0]) }
    let position = numbers.count == 3 ? Position(y: numbers[1], x: numbers[2]) : nil
    return .unit(layer: name, channel: numbers[0], position: position)
  }
}
