import Tensors

/// The letters of ONNX Einsum: one for each axis of each input, and those of the output's axes.
package struct EinsumEquation: Hashable, Sendable {
  /// "…" stands for the axes that no letter names.
  static let ellipsis: Character = "…"
  let inputs: [[Character]]
  /// Nil where the equation has no arrow: the letters that occur once, in the alphabet's order.
  let output: [Character]?

  /// Reads an equation such as `bhwc,cd->bhwd`. Throws `OperatorError`.
  package init(_ text: String) throws {
    let compact = text.filter { $0 != " " }.replacing("...", with: String(Self.ellipsis))
    let sides = compact.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    guard sides.count <= 2, let left = sides.first else { throw Self.wrong(text) }
    inputs = left.split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
    output = sides.count == 2 ? Array(sides[1]) : nil
    for term in inputs + [output ?? []] {
      guard term.allSatisfy({ ($0.isLetter && $0.isASCII) || $0 == Self.ellipsis }),
        term.count(where: { $0 == Self.ellipsis }) <= 1
      else { throw Self.wrong(text) }
    }
    let known = Set(inputs.flatMap { $0 })
    guard let output else { return }
    guard Set(output).count == output.count, output.allSatisfy({ known.contains($0) || $0 == Self.ellipsis }) else {
      throw Self.wrong(text)
    }
  }

  init(inputs: [[Character]], output: [Character]) { (self.inputs, self.output) = (inputs, output) }

  private static func wrong(_ text: String) -> OperatorError {
    OperatorError("has the equation '\(text)', which has no meaning")
  }

  /// With letters for all axes of inputs of these ranks: those that an ellipsis stands for are digits, the last axis 0.
  func resolved(_ ranks: [Int]) throws -> (inputs: [[Character]], output: [Character]) {
    guard ranks.count == inputs.count else {
      throw OperatorError("has an equation for \(inputs.count) inputs, not \(ranks.count)")
    }
    var widest = 0
    let terms = try zip(inputs, ranks).map { term, rank in
      guard let place = term.firstIndex(of: Self.ellipsis) else {
        guard term.count == rank else {
          throw OperatorError("has \(term.count) letters ('\(String(term))') for an input of \(rank) axes")
        }
        return term
      }
      let count = rank - (term.count - 1)
      guard (0...OperatorLimits.rank).contains(count) else {
        throw OperatorError("has \(term.count - 1) letters for an input of \(rank) axes")
      }
      widest = max(widest, count)
      return term[..<place] + Self.digits(count) + term[(place + 1)...]
    }
    let answer: [Character]
    if let output {
      answer = output.flatMap { $0 == Self.ellipsis ? Self.digits(widest) : [$0] }
    } else {
      let all = terms.flatMap { $0 }.filter { !$0.isNumber }
      answer = Self.digits(widest) + Set(all).filter { letter in all.count { $0 == letter } == 1 }.sorted()
    }
    return (terms, answer)
  }

  private static func digits(_ count: Int) -> [Character] { (0..<count).reversed().map { Character(String($0)) } }
}
