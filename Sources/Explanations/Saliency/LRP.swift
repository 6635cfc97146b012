import Foundation

/// Layer-wise relevance propagation: Bach, Binder, Montavon, Klauschen, Müller, Samek 2015, equation 58 (the ε-rule): the
/// score is handed back from layer to layer, to each input in proportion to what it contributed.
///
/// Conservation: the map sums to the score, less what the biases and ε take.
final class LRP: SaliencyMethod {
  static let info = MethodInfo(
    "lrp", "LRP-ε", "the score handed back layer by layer to what contributed to it", paper: "Bach et al. 2015, eq. 58",
    needs: .gradients, cost: "2.8", isSigned: true, isFine: true)

  private let request: Int
  private var total = 0.0
  private var score = 0.0

  init(_ setup: MethodSetup) throws {
    request = try setup.gradient(withRespectTo: [setup.network.input], rule: .lrp(epsilon: setup.options.epsilon))
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    try run.backward(request, asRelevance: true)
    map.clear()
    map.add(run.inputGradient(request), times: nil)
    (total, score) = (map.total, Double(run.score))
  }

  /// How far the score is conserved.
  var note: String? { String(format: "the map sums to %.4g of the score's %.4g; biases take the rest", total, score) }
}
