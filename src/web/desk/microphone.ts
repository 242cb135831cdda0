import { microphoneFault, type Microphone } from './phone-state';

/** Opens the microphone with the treatment speech needs, or says why it cannot. The caller stops the tracks. */
export async function openMicrophone(): Promise<{ stream: MediaStream | null; microphone: Microphone }> {
  // Outside of secure contexts browsers hide the whole interface, whatever its type says.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return { stream: null, microphone: 'insecure' };
  try {
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return { stream: await devices.getUserMedia({ audio }), microphone: 'ok' };
  } catch (fault) {
    return { stream: null, microphone: microphoneFault(fault instanceof DOMException ? fault.name : '') };
  }
}
