import Tensors

extension Add: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.gradient(), to: 0)
    try scope.give(scope.gradient(), to: 1)
  }
}

extension Sub: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.gradient(), to: 0)
    if scope.wants(1) { try scope.give(scope.add(Neg(), [scope.gradient()]), to: 1) }
  }
}

extension Mul: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    for input in 0...1 where scope.wants(input) {
      try scope.give(scope.add(Mul(), [scope.gradient(), scope.input(1 - input)]), to: input)
    }
  }
}

extension Div: Differentiable {
  /// y = a / b: da = g / b, db = -g y / b
  func addGradients(_ scope: inout GradientScope) throws {
    let quotient = try scope.add(Div(), [scope.gradient(), scope.input(1)])
    try scope.give(quotient, to: 0)
    if scope.wants(1) {
      try scope.give(scope.add(Neg(), [scope.add(Mul(), [quotient, scope.output()])]), to: 1)
    }
  }
}

extension Mod: Differentiable {
  /// y = a - n b with a whole n, constant but for jumps.
  func addGradients(_ scope: inout GradientScope) throws {
    try scope.give(scope.gradient(), to: 0)
    if scope.wants(1) {
      let multiple = try scope.add(Sub(), [scope.output(), scope.input(0)])
      let factor = try scope.add(Div(), [multiple, scope.input(1)])
      try scope.give(scope.add(Mul(), [scope.gradient(), factor]), to: 1)
    }
  }
}

extension Pow: Differentiable {
  /// y = x^e: dx = g e x^(e-1), de = g y log x
  func addGradients(_ scope: inout GradientScope) throws {
    let (x, e, g) = (scope.input(0), scope.input(1), scope.gradient())
    if scope.wants(0) {
      let exponent = scope.builder.graph.type(of: e).element == .float32 ? e : try scope.add(Cast(to: .float32), [e])
      let lower = try scope.add(Pow(), [x, scope.add(Sub(), [exponent, scope.number(1)])])
      try scope.give(scope.add(Mul(), [g, scope.add(Mul(), [lower, exponent])]), to: 0)
    }
    if scope.wants(1), scope.builder.graph.type(of: e).element == .float32 {
      let slope = try scope.add(Mul(), [scope.output(), scope.add(Log(), [x])])
      try scope.give(scope.add(Mul(), [g, slope]), to: 1)
    }
  }
}

extension Sum: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    for input in scope.node.inputs.indices { try scope.give(scope.gradient(), to: input) }
  }
}

extension Mean: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws {
    let share = try scope.add(Mul(), [scope.gradient(), scope.number(1 / Float(scope.node.inputs.count))])
    for input in scope.node.inputs.indices { try scope.give(share, to: input) }
  }
}

extension Max: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws { try scope.giveToExtremes() }
}

extension Min: Differentiable {
  func addGradients(_ scope: inout GradientScope) throws { try scope.giveToExtremes() }
}

extension GradientScope {
  /// Inputs that equal the output share the gradient equally, as PyTorch's maximum does.
  fileprivate mutating func giveToExtremes() throws {
    let flags = try node.inputs.indices.map { index in
      try add(Cast(to: .float32), [add(Equal(), [input(index), output()])])
    }
    let count = try flags.dropFirst().reduce(flags[0]) { try add(Add(), [$0, $1]) }
    let share = try add(Div(), [gradient(), count])
    for (index, flag) in flags.enumerated() { try give(add(Mul(), [share, flag]), to: index) }
  }
}

extension Where: Differentiable {
  var relevance: RelevanceRule { .routed }

  func isDifferentiable(input: Int) -> Bool { input > 0 }

  func addGradients(_ scope: inout GradientScope) throws {
    let (condition, g, zero) = (scope.input(0), scope.gradient(), scope.number(0))
    if scope.wants(1) { try scope.give(scope.add(Where(), [condition, g, zero]), to: 1) }
    if scope.wants(2) { try scope.give(scope.add(Where(), [condition, zero, g]), to: 2) }
  }
}
