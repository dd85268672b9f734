import type { BrowserContext } from '@playwright/test';

/** Colors of somebody's room, clothes and hair. */
export interface Look {
  room: [string, string];
  clothes: string;
  skin: string;
  hair: string;
}

/** Puts a drawn person before the camera: Chromium's own fake camera shows a test pattern. */
export async function sitBeforeCamera(context: BrowserContext, look: Look): Promise<void> {
  await context.addInitScript((look) => {
    const paint = (canvas: HTMLCanvasElement, at: number): void => {
      const c = canvas.getContext('2d');
      if (!c) return;
      const { width: w, height: h } = canvas;
      const sway = Math.sin(at / 900) * w * 0.006;
      const room = c.createLinearGradient(0, 0, w, h);
      room.addColorStop(0, look.room[0]);
      room.addColorStop(1, look.room[1]);
      c.fillStyle = room;
      c.fillRect(0, 0, w, h);
      c.fillStyle = 'rgb(255 255 255 / 35%)';
      c.fillRect(w * 0.08, h * 0.1, w * 0.2, h * 0.42);
      c.fillStyle = 'rgb(0 0 0 / 12%)';
      for (let shelf = 0; shelf < 3; shelf++) c.fillRect(w * 0.74, h * (0.16 + shelf * 0.16), w * 0.2, h * 0.018);
      c.translate(w / 2 + sway, 0);
      const oval = (x: number, y: number, rx: number, ry: number, color: string): void => {
        c.fillStyle = color;
        c.beginPath();
        c.ellipse(x * w, y * h, rx * w, ry * h, 0, 0, 7);
        c.fill();
      };
      oval(0, 1.12, 0.27, 0.42, look.clothes);
      c.fillStyle = look.skin;
      c.fillRect(-w * 0.035, h * 0.58, w * 0.07, h * 0.16);
      oval(0, 0.38, 0.112, 0.2, look.hair);
      oval(0, 0.45, 0.095, 0.19, look.skin);
      oval(0, 0.28, 0.1, 0.09, look.hair);
      oval(-0.034, 0.44, 0.009, 0.014, '#2b2420');
      oval(0.034, 0.44, 0.009, 0.014, '#2b2420');
      c.strokeStyle = '#8a4a3c';
      c.lineWidth = h * 0.009;
      c.lineCap = 'round';
      c.beginPath();
      c.ellipse(0, h * 0.51, w * 0.028, h * 0.03, 0, 0.35, Math.PI - 0.35);
      c.stroke();
      c.setTransform(1, 0, 0, 1, 0, 0);
    };
    const devices: MediaDevices | undefined = navigator.mediaDevices;
    if (!devices) return;
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      if (constraints?.video) {
        const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
        const frame = (at: number): void => {
          paint(canvas, at);
          requestAnimationFrame(frame);
        };
        frame(0);
        for (const track of stream.getVideoTracks()) {
          track.stop();
          stream.removeTrack(track);
        }
        for (const track of canvas.captureStream(30).getVideoTracks()) stream.addTrack(track);
      }
      return stream;
    };
  }, look);
}

export const ALICE: Look = {
  room: ['#cfe3dc', '#8fb4a8'],
  clothes: '#2f5d62',
  skin: '#e8b796',
  hair: '#5a3825',
};

export const BOB: Look = {
  room: ['#f0ddc4', '#c99f74'],
  clothes: '#3a4a7a',
  skin: '#a9714f',
  hair: '#231a17',
};
