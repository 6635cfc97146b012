import Telemetry

/// The saliency methods, in the order of tables and contact sheets.
package enum MethodTable {
  package static var all: [any SaliencyMethod.Type] {
    [
      GradCAM.self, GradCAMPlusPlus.self, HiResCAM.self, XGradCAM.self, LayerCAM.self, CAM.self, EigenCAM.self,
      ScoreCAM.self, AblationCAM.self, FullGrad.self, GradientInput.self, InputXGradient.self, SmoothGrad.self,
      VarGrad.self, IntegratedGradients.self, GuidedBackprop.self, GuidedGradCAM.self, Deconvnet.self, LRP.self,
      Occlusion.self, RISE.self,
    ]
  }

  /// The name of the method that is used unless another one is named.
  package static let standard = GradCAM.info.name

  package static var names: [String] { all.map { $0.info.name } }

  /// The method of this name. Throws with the nearest one.
  package static func method(named name: String) throws -> any SaliencyMethod.Type {
    if let method = all.first(where: { $0.info.name == name }) { return method }
    let hint = suggestion(for: name, among: names)
    throw UserError("there is no method '\(name)'\(hint). 'fovea methods' lists them.", .usage)
  }
}
