import Inference
import Telemetry
import Tensors

/// The network's output that holds one score per class, and the scores before softmax or sigmoid, which explanations explain.
struct ScoreOutput {
  /// The network, with what is computed beside its outputs.
  private(set) var graph: Graph
  let index: Int
  private(set) var classes: Int
  /// What the numbers say of the classes.
  private(set) var form: ScoreForm?
  /// The ONNX name of the value that is explained.
  private(set) var scores: String
  /// One number that speaks for the second of two classes.
  let isBinary: Bool
  /// What was found, for people.
  private(set) var finding = "scores"

  init(_ choice: OutputChoice) {
    (graph, index) = (choice.graph, choice.index)
    let output = graph.outputs[index]
    classes = graph.values[output].type?.shape.count ?? 0
    isBinary = classes == 1
    form = graph.scoreForm(of: output)
    scores = graph.values[output].name
    if let shares = isBinary || form != nil ? nil : sharesOfOne(output) {
      form = .probabilities
      findScores(shares)
    } else {
      findScores(output)
      if isBinary { makeTwoClasses(output) }
    }
  }

  /// Per cent, and other shares of a number that is not 1, as probabilities.
  private mutating func sharesOfOne(_ output: ValueID) -> ValueID? {
    guard let total = graph.scoreTotal(of: output) else { return nil }
    let name = "\(graph.values[output].name)/probabilities"
    let factor = graph.append(Tensor([1 / total], [1]), named: "\(name)/factor")
    guard let shares = add(Mul(), [output, factor], name) else { return nil }
    var outputs = graph.outputs
    outputs[index] = shares
    graph.setOutputs(outputs)
    scores = graph.values[shares].name
    return shares
  }

  private mutating func findScores(_ output: ValueID) {
    guard let form else { return }
    finding = form == .probabilities ? "probabilities" : "logarithms of probabilities"
    guard let found = RawScores.add(to: graph, behind: output) else {
      finding += "; no scores before them were found, so they are explained themselves"
      return
    }
    graph = found.graph
    scores = graph.values[found.scores].name
    finding += " by \(found.passed.joined(separator: ", ")); '\(scores)' is explained"
  }

  /// The number of a binary classifier becomes two, so that either class can be looked at: its probability p becomes 1 - p and p, its
  /// score s becomes -s and s.
  private mutating func makeTwoClasses(_ output: ValueID) {
    let name = graph.values[output].name
    let explained = graph.value(named: scores) ?? output
    guard let pair = form == nil ? opposites(explained) : shares(output) else { return }
    let raw = form == nil ? pair : explained == output ? pair : opposites(explained) ?? pair
    var outputs = graph.outputs
    outputs[index] = pair
    graph.setOutputs(outputs)
    (classes, scores) = (2, graph.values[raw].name)
    if form == .logarithmsOfProbabilities { form = .probabilities }
    finding = "one number, '\(name)', for the second of two classes: " + finding
  }

  /// -s and s, side by side.
  private mutating func opposites(_ value: ValueID) -> ValueID? {
    let name = "\(graph.values[value].name)/two classes"
    guard let negative = add(Neg(), [value], "\(name)/negative") else { return nil }
    return add(Concat(axis: classAxis(value)), [negative, value], name)
  }

  /// 1 - p and p, side by side.
  private mutating func shares(_ value: ValueID) -> ValueID? {
    let name = "\(graph.values[value].name)/two classes"
    var share: ValueID? = value
    if form == .logarithmsOfProbabilities { share = add(Exp(), [value], "\(name)/exp") }
    let one = graph.append(Tensor([Float(1)], [1]), named: "\(name)/one")
    guard let share, let rest = add(Sub(), [one, share], "\(name)/rest") else { return nil }
    return add(Concat(axis: classAxis(value)), [rest, share], name)
  }

  private mutating func add(_ op: any Operator, _ inputs: [ValueID], _ name: String) -> ValueID? {
    graph.append(op, inputs, named: name, outputs: [name])?.first ?? nil
  }

  private func classAxis(_ value: ValueID) -> Int { min(1, (graph.values[value].type?.shape.rank ?? 1) - 1) }
}
